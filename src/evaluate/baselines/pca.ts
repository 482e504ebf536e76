/** @file Principal components of rows, from their covariance, as a dictionary. */

import { expected } from "../../errors.ts";
import { PairedMoments } from "../../linalg/paired-moments.ts";
import { symmetricEigen } from "../../linalg/symmetric-eigen.ts";
import type { Baseline, FitContext } from "./baseline.ts";
import { requireVariance, widest } from "./rank.ts";

/**
 * Turns each row so that its largest number by magnitude is positive, as scikit-learn's svd_flip
 * does; of equal ones, the first decides.
 */
function turnRows(rows: Float64Array, d: number): void {
  for (let at = 0; at < rows.length; at += d) {
    const row = rows.subarray(at, at + d);
    const largest = row.reduce((best, v) => (Math.abs(v) > Math.abs(best) ? v : best), 0);
    if (largest < 0) for (let j = 0; j < d; j++) row[j] = -row[j]!;
  }
}

/**
 * s = (x − mean) Vᵀ, x̂ = s V + mean; V holds the eigenvectors of the covariance, by descending
 * variance.
 */
export const pca: Baseline = {
  name: "pca",
  summary: "Principal components: the directions in which rows vary most",
  source:
    "Cunningham et al. 2023 ([arXiv:2309.08600](https://arxiv.org/abs/2309.08600)); components are scikit-learn's PCA",
  signs: ["plus-minus", "oriented", "positive", "signed"],
  rows: 1_000_000,
  async fit({ backend, rows, components, centre = true }: FitContext) {
    const { dIn } = rows;
    if (!centre) throw expected("centre", "true, because components are about the mean,", centre);
    const moments = new PairedMoments(backend, dIn);
    await rows.pass((x, count) => moments.add(x, count));
    const { values, vectors } = symmetricEigen(moments.covariance(), dIn);
    const rank = widest(values);
    requireVariance(rank, rows.rows);
    const count = components ?? dIn;
    if (count > dIn) throw expected("components", `an integer from 1 to d_in ${dIn}`, count);
    turnRows(vectors, dIn);
    const atoms = Float32Array.from(vectors.subarray(0, count * dIn));
    const total = values.reduce((sum, v) => sum + Math.max(0, v), 0);
    const kept = values.subarray(0, count).reduce((sum, v) => sum + Math.max(0, v), 0);
    return {
      count,
      encoder: atoms,
      atoms,
      centre: Float32Array.from(moments.means().x),
      facts: { rank, explained_variance: kept / total },
    };
  },
};
