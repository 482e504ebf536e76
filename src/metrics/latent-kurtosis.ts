import { type LatentMetric, medianOverLive } from "./latent-metric.ts";

/** Kurtosis of a latent's activations, zeros among them: 3 for a normal distribution. */
export const latentKurtosis: LatentMetric = {
  name: "latent_kurtosis",
  label: "Kurtosis",
  formula: "median over live j of E(z_j − E z_j)⁴ / (E(z_j − E z_j)²)²",
  unit: "standard deviations to the fourth",
  better: "neither",
  range: "[1, ∞), 3 for a normal distribution",
  summary: "Kurtosis of activations over all rows, the median of live latents.",
  compute: (sums) =>
    medianOverLive(sums, (mean, square, cube, fourth) => {
      const variance = square - mean ** 2;
      const central = fourth - 4 * mean * cube + 6 * mean ** 2 * square - 3 * mean ** 4;
      return central / variance ** 2;
    }),
};
