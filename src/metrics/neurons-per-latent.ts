import type { LatentMetric } from "./latent-metric.ts";

/**
 * Over how many dimensions an atom is spread: Simpson's index of its shares, as
 * HoagyC/sparse_coding (69c5ae0) counts neurons per feature. Atoms of length zero are left out.
 */
export const neuronsPerLatent: LatentMetric = {
  name: "neurons_per_latent",
  label: "Neurons per latent",
  formula: "mean_j 1 / Σ_i p_ji², p_ji = |W_dec,ji| / Σ_i |W_dec,ji|",
  unit: "dimensions",
  better: "neither",
  range: "[1, d_in]; about 2 d_in / π for random atoms",
  summary: "Mean number of dimensions of the activations that an atom is spread over.",
  compute({ decoder, dIn }) {
    let [sum, atoms] = [0, 0];
    for (let at = 0; at < decoder.length; at += dIn) {
      let [total, squares] = [0, 0];
      for (let i = at; i < at + dIn; i++) {
        total += Math.abs(decoder[i]!);
        squares += decoder[i]! ** 2;
      }
      if (squares === 0) continue;
      sum += total ** 2 / squares;
      atoms++;
    }
    return sum / atoms;
  },
  random: ({ dIn }) => (2 * (dIn - 1)) / Math.PI + 1,
};
