/** @file A text in a model, with the code of an SAE at a hook: batch by batch, nothing kept. */

import type { EncodedBatch, SaeRunner } from "../../../sae/sae.ts";
import type { NamedModel } from "../models/open-by-name.ts";
import { defaultBatch } from "../source/collect.ts";
import { type PackedTokens, windowBatch } from "../text/packing.ts";
import type { TokenBatch } from "../text/token-batch.ts";

/** Rows that runners take at a time. */
export const ENCODED = 256;

/** Some windows of a text, and their activations. */
export interface TextRows {
  readonly tokens: TokenBatch;
  /** [batch · positions, width] */
  readonly rows: Float32Array;
  /** Whether a row is of a real token that stands for text, [batch · positions]. */
  readonly isText: Uint8Array;
}

/** The windows of a text with their activations at a hook. */
export async function* textRows(
  { model, tokenizer }: NamedModel,
  hook: string,
  packed: PackedTokens,
): AsyncGenerator<TextRows> {
  const batch = defaultBatch(packed.contextLength);
  for (let from = 0; from < packed.windows; from += batch) {
    const tokens = windowBatch(packed, from, Math.min(packed.windows, from + batch));
    const rows = await model.activations(hook, tokens);
    const isText = Uint8Array.from(tokens.ids, (id, at) => {
      const window = Math.floor(at / tokens.positions);
      const isReal = at % tokens.positions < (tokens.lengths?.[window] ?? tokens.positions);
      return isReal && !tokenizer.specialIds.has(id) ? 1 : 0;
    });
    yield { tokens, rows, isText };
  }
}

/**
 * Encodes rows and visits the activations of each; `first` is the row that the code begins with.
 */
export async function eachCode(
  runner: SaeRunner,
  rows: Float32Array,
  dIn: number,
  visit: (code: EncodedBatch, first: number) => void,
): Promise<void> {
  const count = rows.length / dIn;
  for (let start = 0; start < count; start += ENCODED) {
    const some = Math.min(ENCODED, count - start);
    visit(await runner.encode(rows.subarray(start * dIn, (start + some) * dIn), some), start);
  }
}
