/** @file Memory of the language model that is open while latents are described, for plans. */

import { ConcordError } from "../../../errors.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { resolveModel } from "../catalogue/catalogue.ts";
import { openCheckpoint } from "../models/checkpoint.ts";
import { buildGraph } from "../models/families/registry.ts";
import type { LanguageModel } from "../models/hooked-model.ts";
import { findModelFiles } from "../models/model-files.ts";
import { EFFECT_BYTES, reachesLogits } from "./logit-effect.ts";

/** A tokenizer with some 50 000 tokens, and the graph of a model without its weights. */
const TOKENIZER_BYTES = 40 * 2 ** 20;

/**
 * Bytes of the tokenizer, and of what latents do to the logits. The unembedding counts twice, as
 * the file has it and as it is multiplied. The logits of some latents count three times: as the
 * session makes them, as a copy, and those before.
 *
 * Measured beside it: 310 MiB for 302 (stories15M), 388 for 448 (SmolLM2-135M).
 */
export function describingBytes(
  { dModel, vocabularySize }: Pick<Partial<LanguageModel["facts"]>, "dModel" | "vocabularySize">,
  hook: string,
): number {
  if (dModel === undefined || vocabularySize === undefined || !reachesLogits(hook))
    return TOKENIZER_BYTES;
  const unembedding = 4 * dModel * vocabularySize;
  return TOKENIZER_BYTES + 2 * unembedding + 3 * Math.max(EFFECT_BYTES, 4 * vocabularySize);
}

/** The same by the model's name; 0 where it is not on this machine, or cannot be described by. */
export async function describingBytesOf(
  model: string,
  hook: string,
  catalogue: CatalogueOptions,
): Promise<number> {
  try {
    const files = await findModelFiles(await resolveModel(model, { ...catalogue, offline: true }));
    if (files.kind === "onnx") return TOKENIZER_BYTES;
    return describingBytes(buildGraph(await openCheckpoint(files.path)).facts, hook);
  } catch (error) {
    if (error instanceof ConcordError) return 0;
    throw error;
  }
}
