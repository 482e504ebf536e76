/**
 * @file Opens a ready-made ONNX language model: every tensor of its main graph is a hook under the name it has there. Exports differ in
 * what else they ask for; masks, positions and empty key-value caches are filled in.
 */

import { readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { ConcordError, FormatError } from "../errors.ts";
import { ioError } from "../formats/io-error.ts";
import { decodeModel, type ModelProto, type ValueInfoProto } from "../formats/onnx/messages.ts";
import { tensorNames, valueInfoOf } from "../formats/onnx/surgery.ts";
import { declaredShape, dtypeOf } from "../formats/onnx/tensors.ts";
import { showShape } from "../tensor/tensor.ts";
import { HookedModel, type LanguageModel } from "./hooked-model.ts";
import type { HookPoint } from "./hooks.ts";
import type { Feed, FileFolders, SessionOptions } from "./session.ts";
import type { TokenBatch } from "./token-batch.ts";

/** What an .onnx file does not say about its model. */
export interface OnnxModelOptions extends SessionOptions {
  /** Name of the output [batch, pos, vocabulary]; `logits` when left out. */
  readonly logits?: string;
  /** Most tokens in a window; the file does not say. 2048 when left out. */
  readonly contextLength?: number;
}

/** Protobuf's limit; larger models keep their weights in a file of their own. */
const FILE_BYTES_MAX = 2 ** 31 - 1;

async function readBounded(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > FILE_BYTES_MAX)
      throw new ConcordError("format/too-large", `${path}: ${size} bytes, above protobuf's 2 GiB`);
    return await readFile(path);
  } catch (error) {
    throw ioError(error, "read", path);
  }
}

/** The external weight files that the model names, all in its own folder. */
function externalFolders(model: ModelProto, folder: string, where: string): FileFolders {
  const folders = new Map<string, string>();
  for (const { externalData, name } of model.graph.initializer)
    for (const { key, value } of externalData ?? []) {
      if (key !== "location") continue;
      if (value.startsWith("/") || value.split(/[\\/]/).includes(".."))
        throw new FormatError(where, `weight "${name}" lies outside the model's folder: ${value}`);
      folders.set(value, folder);
    }
  return folders;
}

/** Far more numbers than masks, positions and empty caches have. */
const FILLED_MAX = 2 ** 26;

/** Zeros, or ones, of a declared integer, boolean or float type. */
function filled(value: ValueInfoProto, dims: readonly number[], fill: (i: number) => number): Feed {
  const count = dims.reduce((a, b) => a * b, 1);
  if (!(count <= FILLED_MAX))
    throw new ConcordError(
      "model/unsupported",
      `Input "${value.name}" asks for ${showShape(dims)}, which is too much to fill in.`,
    );
  const type = dtypeOf(value.type!.tensorType!.elemType, `type of input "${value.name}"`);
  const numbers = Array.from({ length: count }, (_, i) => fill(i));
  switch (type) {
    case "int64":
      return { type, data: BigInt64Array.from(numbers, BigInt), dims };
    case "int32":
      return { type, data: Int32Array.from(numbers), dims };
    case "bool":
      return { type, data: Uint8Array.from(numbers), dims };
    case "float32":
      return { type, data: Float32Array.from(numbers), dims };
    case "float16":
      return { type, data: Uint16Array.from(numbers, (n) => (n === 0 ? 0 : 0x3c00)), dims };
    default:
      throw new ConcordError("model/unsupported", `Input "${value.name}" is ${type}.`);
  }
}

/** The value of one input for a batch, or undefined when we do not know what it wants. */
function inputValue(value: ValueInfoProto, tokens: TokenBatch): Feed | undefined {
  const { ids, batch, positions } = tokens;
  const plane = [batch, positions];
  switch (value.name) {
    case "input_ids":
      return filled(value, plane, (i) => ids[i]!);
    case "attention_mask":
      return filled(value, plane, () => 1);
    case "position_ids":
      return filled(value, plane, (i) => i % positions);
    case "token_type_ids":
      return filled(value, plane, () => 0);
    case "use_cache_branch":
      return filled(value, [1], () => 0);
  }
  if (!value.name.startsWith("past_key_values")) return undefined;
  // An empty cache: the batch in front, every other open dimension is the past, which is empty.
  const shape = declaredShape(value) ?? [];
  const dims = shape.map((d, axis) => (axis === 0 ? batch : typeof d === "number" ? d : 0));
  return filled(value, dims, () => 0);
}

/**
 * Opens an ONNX file as a language model. Tensors inside `If` and `Loop` subgraphs are not hooks (merged decoder exports keep
 * the whole model in one: use the plain `model.onnx` or `decoder_model.onnx`).
 *
 * @throws {ConcordError} `file/missing`, `format/invalid`, or `model/unsupported` naming the input or output that does not fit.
 */
export async function openOnnxModel(
  path: string,
  options: OnnxModelOptions = {},
): Promise<LanguageModel> {
  const bytes = await readBounded(path);
  const model = decodeModel(bytes, path);
  const logits = options.logits ?? "logits";
  const logitsValue = model.graph.output.find((o) => o.name === logits);
  if (!logitsValue)
    throw new ConcordError("model/unsupported", `${path}: no output called "${logits}".`, {
      hint: `its outputs: ${model.graph.output.map((o) => o.name).join(", ")}`,
    });
  const vocabulary = declaredShape(logitsValue)?.at(-1);
  const weights = new Set(model.graph.initializer.map((t) => t.name));
  const inputs = model.graph.input.filter((value) => !weights.has(value.name));
  const probe: TokenBatch = { ids: new Int32Array(1), batch: 1, positions: 1 };
  for (const value of inputs)
    if (!value.type?.tensorType || inputValue(value, probe) === undefined)
      throw new ConcordError(
        "model/unsupported",
        `${path}: no value is known for input "${value.name}".`,
        {
          hint: "models that take input_ids, attention_mask, position_ids, token_type_ids and past_key_values can be opened",
        },
      );
  const points = new Map<string, HookPoint>();
  for (const tensor of tensorNames(model)) {
    const value = valueInfoOf(model, tensor);
    const width = value && declaredShape(value)?.at(-1);
    points.set(tensor, { tensor, width: typeof width === "number" ? width : undefined });
  }
  const real = await realpath(path);
  return new HookedModel(
    {
      facts: {
        family: `onnx:${basename(path)}`,
        vocabularySize: typeof vocabulary === "number" ? vocabulary : 2 ** 31 - 1,
        contextLength: options.contextLength ?? 2048,
      },
      model,
      hooks: { points, aliases: new Map(), absent: new Map() },
      logits: { tensor: logits, rank: 3 },
      hookRank: 3,
      folders: externalFolders(model, dirname(real), path),
      feeds: (tokens) =>
        Object.fromEntries(inputs.map((value) => [value.name, inputValue(value, tokens)!])),
    },
    options,
  );
}
