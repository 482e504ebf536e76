/**
 * @file Values for the inputs of an exported language model: token ids, attention mask, positions,
 *   token types, and empty key-value caches. Exports name them differently; an input whose meaning
 *   is not known is left without a value.
 */

import { showShape } from "../../../base/tensor.ts";
import { ConcordError } from "../../../errors.ts";
import type { ModelProto, ValueInfoProto } from "../../../formats/onnx/messages.ts";
import { declaredShape, dtypeOf } from "../../../formats/onnx/tensors.ts";
import { showName, showNames } from "../../../formats/show-name.ts";
import type { Feed } from "../../../inference/session.ts";
import type { BatchDemands } from "../text/portions.ts";
import type { TokenBatch } from "../text/token-batch.ts";

/** What an input means. */
type Meaning = "ids" | "mask" | "positions" | "types" | "cache" | "cache branch";

/** Names that exports use, in lower case and without a `:0` that TensorFlow leaves at the end. */
const NAMES: Readonly<Record<string, Meaning>> = {
  input_ids: "ids",
  input_word_ids: "ids",
  decoder_input_ids: "ids",
  attention_mask: "mask",
  decoder_attention_mask: "mask",
  input_mask: "mask",
  mask: "mask",
  position_ids: "positions",
  positions: "positions",
  token_type_ids: "types",
  segment_ids: "types",
  input_type_ids: "types",
  use_cache_branch: "cache branch",
};

/** Far more numbers than masks, positions and empty caches have. */
const FILLED_MAX = 2 ** 26;

function meaningOf({ name }: ValueInfoProto): Meaning | undefined {
  if (/^past(_key_values|_key|_value)?([._]|$)/.test(name)) return "cache";
  const plain = name.toLowerCase().replace(/:\d+$/, "");
  return Object.hasOwn(NAMES, plain) ? NAMES[plain] : undefined;
}

/** Numbers of a declared integer, boolean or float type. */
function filled(value: ValueInfoProto, dims: readonly number[], fill: (i: number) => number): Feed {
  const count = dims.reduce((a, b) => a * b, 1);
  if (!(count <= FILLED_MAX))
    throw new ConcordError(
      "model/unsupported",
      `Input "${showName(value.name)}" asks for ${showShape(dims)}, which is too much to fill in.`,
    );
  const type = dtypeOf(value.type!.tensorType!.elemType, `type of input "${showName(value.name)}"`);
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
      throw new ConcordError("model/unsupported", `Input "${showName(value.name)}" is ${type}.`);
  }
}

/**
 * Shape of an input that has one number per token: [batch, position] unless another rank is
 * declared. [position] is for one window; what lies between batch and position, as in [batch,
 * choices, position], is one.
 */
function tokenShape(value: ValueInfoProto, { batch, positions }: TokenBatch): number[] {
  const rank = declaredShape(value)?.length ?? 2;
  if (rank === 1) return [positions];
  return [batch, ...Array.from({ length: rank - 2 }, () => 1), positions];
}

/** An empty cache: the batch in front, every other open dimension is the past, which is empty. */
function cacheShape(value: ValueInfoProto, { batch }: TokenBatch): number[] {
  // Caches of one tensor for keys and values, [2, batch, heads, past, d_head], name their batch.
  const shape = declaredShape(value) ?? [];
  const named = shape.findIndex((d) => typeof d === "string" && /batch/.test(d));
  const batchAxis = Math.max(0, named);
  return shape.map((d, axis) => (axis === batchAxis ? batch : typeof d === "number" ? d : 0));
}

function feedOf(value: ValueInfoProto, meaning: Meaning, tokens: TokenBatch): Feed {
  const { ids, positions, lengths } = tokens;
  const perToken = (fill: (i: number) => number) => filled(value, tokenShape(value, tokens), fill);
  switch (meaning) {
    case "ids":
      return perToken((i) => ids[i]!);
    case "mask":
      return perToken((i) =>
        i % positions < (lengths?.[Math.floor(i / positions)] ?? positions) ? 1 : 0,
      );
    case "positions":
      return perToken((i) => i % positions);
    case "types":
      return perToken(() => 0);
    case "cache":
      return filled(value, cacheShape(value, tokens), () => 0);
    case "cache branch":
      return filled(value, [1], () => 0);
  }
}

/** The inputs of a model, as far as they are understood. */
export interface OnnxInputs {
  /** Names of inputs for which there is no value; what depends on them cannot be computed. */
  readonly unknown: readonly string[];
  /** What the declared shapes and the masks demand. */
  readonly demands: BatchDemands;
  feeds(tokens: TokenBatch): Record<string, Feed>;
}

const isInteger = ({ type }: ValueInfoProto) => [6, 7].includes(type?.tensorType?.elemType ?? 0);

/**
 * Understands the inputs of a model. Where none is called as token ids are, and one input of
 * integers is left over, that one is.
 *
 * @throws {ConcordError} `model/unsupported` when no input takes token ids.
 */
export function onnxInputs(model: ModelProto, where: string): OnnxInputs {
  const weights = new Set(model.graph.initializer.map((t) => t.name));
  const inputs = model.graph.input.filter((value) => !weights.has(value.name));
  const meanings = new Map<ValueInfoProto, Meaning>();
  for (const value of inputs) {
    const meaning = value.type?.tensorType ? meaningOf(value) : undefined;
    if (meaning) meanings.set(value, meaning);
  }
  const rest = inputs.filter((value) => !meanings.has(value));
  const isToken = (value: ValueInfoProto) => meanings.get(value) === "ids";
  const integers = rest.filter(isInteger);
  if (!inputs.some(isToken) && integers.length === 1) meanings.set(integers[0]!, "ids");
  const ids = inputs.find(isToken);
  if (!ids)
    throw new ConcordError("model/unsupported", `${where}: no input takes token ids.`, {
      hint: `Its inputs are ${showNames(inputs.map(({ name }) => name))}; token ids are input_ids, or the only input of integers.`,
    });
  const shape = declaredShape(ids) ?? ["batch", "position"];
  const fixed = (d: number | string | undefined) =>
    typeof d === "number" && d > 0 ? { size: d } : undefined;
  const batch = shape.length === 1 ? 1 : fixed(shape[0])?.size;
  const positions = fixed(shape.at(-1))?.size;
  const demands = {
    batch,
    positions,
    seesPadding: ![...meanings.values()].includes("mask"),
  };
  const feeds = (tokens: TokenBatch) =>
    Object.fromEntries(
      [...meanings].map(([value, meaning]) => [value.name, feedOf(value, meaning, tokens)]),
    );
  const smallest = { batch: batch ?? 1, positions: positions ?? 1 };
  const count = smallest.batch * smallest.positions;
  if (count > FILLED_MAX)
    throw new ConcordError(
      "model/unsupported",
      `${where}: input "${showName(ids.name)}" asks for ${showShape([smallest.batch, smallest.positions])} tokens at once, which is too many.`,
    );
  // A value that cannot be filled in, of a type or a size, is refused before anything runs.
  feeds({ ids: new Int32Array(count), ...smallest });
  const unknown = inputs.filter((value) => !meanings.has(value)).map(({ name }) => name);
  return { unknown, demands, feeds };
}
