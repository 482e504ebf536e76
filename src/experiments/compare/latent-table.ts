/** @file What a comparison found of every latent, as tensors. */

import { float32Tensor, type Tensor, tensor } from "../../base/tensor.ts";
import type { FolderComparison } from "./compare-folders.ts";

/**
 * The table of SAE `i`, a row per latent:
 *
 * - `recurs_in` int32 [d_sae]: other SAEs with a partner at or above τ
 * - `mean_cosine`, `lowest_cosine` [d_sae]: of its partners; NaN without any
 * - `alignment` [d_sae]: cosine of encoder and decoder direction
 * - `density` [d_sae]: share of rows in which it is active; left out where that is not known
 * - `partners` int32 [S, d_sae]: its partner in each of the S SAEs, in the comparison's order; −1
 *   without one, and for the SAE itself
 * - `partner_cosines` [S, d_sae]: their cosines; NaN where there is none
 */
export function latentTensors({ saes }: FolderComparison, i: number): Map<string, Tensor> {
  const { latents, dSae, alignment, density } = saes[i]!;
  const partners = new Int32Array(saes.length * dSae).fill(-1);
  const cosines = new Float32Array(saes.length * dSae).fill(Number.NaN);
  for (const [latent, found] of latents.entries())
    for (const { sae, latent: partner, cosine } of found.partners) {
      partners[sae * dSae + latent] = partner;
      cosines[sae * dSae + latent] = cosine;
    }
  const column = (of: (latent: (typeof latents)[number]) => number | undefined) =>
    float32Tensor(
      [dSae],
      Float32Array.from(latents, (l) => of(l) ?? Number.NaN),
    );
  const recursIn = Int32Array.from(latents, (l) => l.recursIn);
  const table = new Map([
    ["recurs_in", tensor("int32", [dSae], recursIn)],
    ["mean_cosine", column((l) => l.meanCosine)],
    ["lowest_cosine", column((l) => l.lowestCosine)],
    ["alignment", float32Tensor([dSae], alignment)],
    ["partners", tensor("int32", [saes.length, dSae], partners)],
    ["partner_cosines", float32Tensor([saes.length, dSae], cosines)],
  ]);
  if (density) table.set("density", float32Tensor([dSae], density));
  return table;
}

/** What the tensors were made of, as the metadata of a safetensors file. */
export function latentMetadata({ saes, threshold }: FolderComparison): Record<string, string> {
  return { saes: JSON.stringify(saes.map(({ name }) => name)), recurs_from: String(threshold) };
}

/** The tables of all SAEs, each name after that of its SAE and a dot. */
export function allLatentTensors(comparison: FolderComparison): Map<string, Tensor> {
  return new Map(
    comparison.saes.flatMap(({ name }, i) =>
      Array.from(latentTensors(comparison, i), ([what, t]): [string, Tensor] => [
        `${name}.${what}`,
        t,
      ]),
    ),
  );
}
