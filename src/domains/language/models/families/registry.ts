/** @file The model families by the `model_type` of their `config.json`. */

import { ConcordError } from "../../../../errors.ts";
import type { Checkpoint } from "../checkpoint.ts";
import type { LanguageModelGraph } from "../hooked-graph.ts";
import { gemma2 } from "./gemma2.ts";
import { gemma3, gemma3WithImages } from "./gemma3.ts";
import { gptNeox } from "./gpt-neox.ts";
import { gpt2 } from "./gpt2.ts";
import { llama } from "./llama.ts";
import { mistral } from "./mistral.ts";
import { phi } from "./phi.ts";
import { qwen2 } from "./qwen2.ts";
import { qwen3 } from "./qwen3.ts";

const FAMILIES: Readonly<Record<string, (checkpoint: Checkpoint) => LanguageModelGraph>> = {
  gpt2,
  gpt_neox: gptNeox,
  llama,
  mistral,
  qwen2,
  qwen3,
  gemma2,
  gemma3: gemma3WithImages,
  gemma3_text: (checkpoint) => gemma3(checkpoint),
  phi,
};

/** The `model_type`s that a graph can be built for. */
export const FAMILY_NAMES: readonly string[] = Object.keys(FAMILIES);

/**
 * Builds the graph of a checkpoint.
 *
 * @throws {ConcordError} `model/unsupported` naming the config key; {FormatError} when a weight is
 *   missing or misshapen.
 */
export function buildGraph(checkpoint: Checkpoint): LanguageModelGraph {
  const { config } = checkpoint;
  const type = config.string("model_type");
  const quantised = config.raw("quantization_config");
  if (quantised !== undefined)
    throw config.unsupported("quantization_config", "quantised checkpoints are not supported");
  const build = Object.hasOwn(FAMILIES, type) ? FAMILIES[type] : undefined;
  if (!build)
    throw new ConcordError(
      "model/unsupported",
      `${config.where}: "model_type" is "${type}", but only ${FAMILY_NAMES.join(", ")} are built in.`,
      { hint: "export the model to ONNX and open the .onnx file instead" },
    );
  return build(checkpoint);
}
