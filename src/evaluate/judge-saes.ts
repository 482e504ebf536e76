/** @file How well SAEs reconstruct held-out rows, and how many known features they find. */

import type { Backend } from "../backend/backend.ts";
import { dictionaryOf } from "../consistency/matching/dictionary.ts";
import { matchOneToOne } from "../consistency/matching/one-to-one.ts";
import { MccNulls } from "../consistency/null-model.ts";
import { fvu } from "../metrics/fvu.ts";
import { l0 } from "../metrics/l0.ts";
import { type Coder, decoderOf } from "../sae/ensemble.ts";
import type { Source } from "../sources/source.ts";
import { evaluateSaes } from "./evaluate-saes.ts";

/** Held-out rows to judge SAEs on, and known features where there are any. */
export type JudgedRows = Pick<Source, "heldOut" | "dIn" | "trueFeatures">;

/** An SAE, or an ensemble of some, on held-out rows. */
export interface JudgedSae {
  readonly name: string;
  readonly latents: number;
  readonly fvu: number;
  readonly l0: number;
  /**
   * Mean cosine with the known features, matched one to one, over the smaller of the two numbers;
   * undefined without known features.
   */
  readonly gtMcc: number | undefined;
  /** The same of random atoms of as many. */
  readonly gtMccNull: number | undefined;
  /** Known features with a matched cosine above 0.9. */
  readonly found: number | undefined;
}

/** A known feature counts as found above this matched cosine. */
const FOUND_FROM = 0.9;

/**
 * Judges SAEs and ensembles on the held-out rows of a source, and against its known features where
 * it has some.
 *
 * @throws {ConcordError} as `evaluateSaes`.
 */
export async function judgeSaes(
  backend: Backend,
  saes: readonly { readonly name: string; readonly sae: Coder }[],
  { heldOut, dIn, trueFeatures }: JudgedRows,
  pause?: () => Promise<void>,
): Promise<JudgedSae[]> {
  const sums = await evaluateSaes(
    backend,
    saes.map(({ sae }) => sae),
    heldOut,
    dIn,
    pause,
  );
  const truth =
    trueFeatures && (await dictionaryOf(backend, trueFeatures.matrix, trueFeatures.count, dIn));
  const nulls = new MccNulls(backend);
  const judged: JudgedSae[] = [];
  for (const [i, { name, sae }] of saes.entries()) {
    const atoms = await dictionaryOf(backend, decoderOf(backend, sae), sae.dSae, dIn);
    const matching = truth && (await matchOneToOne(backend, truth, atoms));
    judged.push({
      name,
      latents: sae.dSae,
      fvu: fvu.compute(sums[i]!),
      l0: l0.compute(sums[i]!),
      gtMcc: matching?.mean,
      gtMccNull: truth && (await nulls.of(truth.count, sae.dSae, dIn)),
      found: matching?.cosine.filter((c) => c > FOUND_FROM).length,
    });
  }
  return judged;
}
