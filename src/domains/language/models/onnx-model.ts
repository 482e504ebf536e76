/**
 * @file Opens a ready-made ONNX language model. Every tensor of its main graph is a hook under the
 *   name it has there, as long as it has one row per token. (token-layout.ts says how tensors of
 *   three and four axes become rows.)
 */

import { basename } from "node:path";
import { dependentsOf, tensorNames } from "../../../formats/onnx/surgery.ts";
import { showNames } from "../../../formats/show-name.ts";
import { readModelFile } from "../../../inference/model-file.ts";
import { readIfThere } from "./checkpoint.ts";
import { HookedModel, type LanguageModel } from "./hooked-model.ts";
import type { HookPoint } from "./hooks.ts";
import { onnxFolder } from "./model-files.ts";
import { onnxInputs } from "./onnx-inputs.ts";
import type { SessionOptions } from "./session-options.ts";

/** What an .onnx file does not say about its model. */
export interface OnnxModelOptions extends SessionOptions {
  /**
   * Name of the output [batch, position, vocabulary]; `logits` when left out. Models without one
   * can be read, not evaluated.
   */
  readonly logits?: string;
  /**
   * Most tokens in a window. When left out: the size that the graph insists on, else the least of
   * what `config.json` and `tokenizer_config.json` beside it say, else 2048.
   */
  readonly contextLength?: number;
}

const DEFAULT_CONTEXT = 2048;

/**
 * Keys of `config.json` and `tokenizer_config.json` that hold the most positions; huge numbers
 * stand for "no limit".
 */
const CONTEXT_KEYS = ["max_position_embeddings", "n_positions", "model_max_length"];

/** The most positions that the files beside a model state. */
async function statedContext(path: string): Promise<number | undefined> {
  const folder = await onnxFolder(path);
  const stated: number[] = [];
  for (const file of ["config.json", "tokenizer_config.json"]) {
    const json = await readIfThere(`${folder}/${file}`);
    for (const key of CONTEXT_KEYS) {
      const value = json[key];
      if (typeof value === "number" && Number.isInteger(value) && value >= 2 && value < 2 ** 24)
        stated.push(value);
    }
  }
  return stated.length === 0 ? undefined : Math.min(...stated);
}

/** Operators whose outputs are not tensors. */
const isTensorOperator = (opType: string) => !/^(Sequence|Optional|SplitToSequence)/.test(opType);

/**
 * Opens an ONNX file as a language model. Tensors inside `If` and `Loop` subgraphs are not hooks
 * (merged decoder exports keep the whole model in one: use the plain `model.onnx` or
 * `decoder_model.onnx`).
 *
 * @throws {ConcordError} `file/missing`, `format/invalid`, or `model/unsupported` naming the input
 *   that does not fit.
 */
export async function openOnnxModel(
  path: string,
  options: OnnxModelOptions = {},
): Promise<LanguageModel> {
  const { model, folders } = await readModelFile(path);
  const { unknown, demands, feeds } = onnxInputs(model, path);
  const points = new Map<string, HookPoint>();
  for (const tensor of tensorNames(model)) points.set(tensor, { tensor, width: undefined });
  const outputs = model.graph.output.map(({ name }) => name);
  const logits = options.logits ?? "logits";
  const contextLength = options.contextLength ?? demands.positions ?? (await statedContext(path));
  return new HookedModel(
    {
      facts: {
        family: `onnx:${basename(path)}`,
        contextLength: contextLength ?? DEFAULT_CONTEXT,
      },
      model,
      hooks: { points, aliases: new Map(), absent: new Map() },
      logits: outputs.includes(logits)
        ? { tensor: logits }
        : {
            absent: `${path} has no output "${logits}", so it does not predict tokens; its outputs: ${showNames(outputs)}.`,
          },
      demands,
      folders,
      feeds,
      computable() {
        const inaccessible = dependentsOf(model, unknown);
        const operators = new Map<string, string>();
        for (const { opType, output } of model.graph.node)
          for (const name of output)
            if (name !== "" && isTensorOperator(opType) && !inaccessible.has(name))
              operators.set(name, opType);
        return operators;
      },
    },
    options,
  );
}
