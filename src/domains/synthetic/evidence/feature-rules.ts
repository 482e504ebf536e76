/** @file How well the presence of a true feature predicts each latent. */

import type { KeptCodes } from "../../../consistency/lab/codes/kept-codes.ts";
import { bestRules } from "../../../evidence/best-rules.ts";
import type { LatentWords } from "../../evidence-maker.ts";
import type { RowFeatures } from "../row-features.ts";

/**
 * The features that predict each latent best, [latents]: "the row is made of this feature, among
 * others".
 *
 * @param codes Of the rows of `present`.
 * @param count Number of features.
 */
export function featureRules(
  codes: KeptCodes,
  { start, features }: RowFeatures,
  count: number,
): LatentWords["rules"][] {
  const having = new Int32Array(count);
  for (const feature of features) having[feature]!++;
  const { indptr, rows } = codes.byLatent();
  const hits = new Int32Array(count);
  return Array.from({ length: codes.latents }, (_, latent) => {
    const met: number[] = [];
    const [from, to] = [indptr[latent]!, indptr[latent + 1]!];
    for (let e = from; e < to; e++)
      for (let at = start[rows[e]!]!; at < start[rows[e]! + 1]!; at++)
        if (hits[features[at]!]!++ === 0) met.push(features[at]!);
    const tried = met.map((feature) => ({
      kind: "true feature",
      text: `true feature ${feature}`,
      satisfying: having[feature]!,
      hits: hits[feature]!,
    }));
    for (const feature of met) hits[feature] = 0;
    return bestRules(tried, to - from, codes.rows);
  });
}
