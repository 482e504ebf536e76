/** @file Opens the embedders that are asked for, with the models that they need. */

import { type NamedModel, openModelByName } from "../models/open-by-name.ts";
import type { Embedder } from "./embedders/embedder.ts";
import { distantHook, hiddenStateEmbedder } from "./embedders/hidden-state.ts";
import { nGramEmbedder } from "./embedders/n-grams.ts";
import { sentenceEmbedder } from "./embedders/sentence-encoder.ts";
import type { OpenText } from "./open-text.ts";

/** Names of embedders, as options list them. */
export const EMBEDDERS = ["n_grams", "hidden_state", "sentence_encoder"] as const;
export type EmbedderName = (typeof EMBEDDERS)[number];

/** Embedders, and those that there cannot be. */
export interface OpenEmbedders {
  readonly embedders: readonly Embedder[];
  /** Why, a sentence each. */
  readonly leftOut: readonly string[];
  close(): Promise<void>;
}

/**
 * Opens embedders.
 *
 * @param encoder Model that `sentence_encoder` reads texts with.
 * @throws {ConcordError} the errors of downloading and of opening `encoder`.
 */
export async function openEmbedders(
  names: readonly EmbedderName[],
  { behind, named, of, fragments, rows }: OpenText,
  encoder: string,
): Promise<OpenEmbedders> {
  const embedders: Embedder[] = [];
  const leftOut: string[] = [];
  const models: NamedModel[] = [];
  for (const name of names) {
    if (name === "n_grams") embedders.push(nGramEmbedder(rows, fragments));
    if (name === "hidden_state") {
      const distant = distantHook(behind.hook, named.model.hooks());
      if ("cannot" in distant) leftOut.push(`hidden_state was left out: ${distant.cannot}.`);
      else embedders.push(hiddenStateEmbedder(named.model, distant.hook, behind, of));
    }
    if (name === "sentence_encoder") {
      const { catalogue, threads } = behind;
      const opened = await openModelByName(encoder, { catalogue, threads });
      models.push(opened);
      const textOf = (from: number, to: number) =>
        named.tokenizer.decode(of.tokens.subarray(from, to + 1));
      embedders.push(sentenceEmbedder(opened, encoder, fragments, textOf));
    }
  }
  return {
    embedders,
    leftOut,
    close: async () => {
      for (const { model } of models) await model.close();
    },
  };
}
