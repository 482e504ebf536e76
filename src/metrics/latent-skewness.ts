import { type LatentMetric, medianOverLive } from "./latent-metric.ts";

/** Skewness of a latent's activations, zeros among them: rare latents have a large one. */
export const latentSkewness: LatentMetric = {
  name: "latent_skewness",
  label: "Skewness",
  formula: "median over live j of E(z_j − E z_j)³ / (E(z_j − E z_j)²)^(3/2)",
  unit: "standard deviations cubed",
  better: "neither",
  range: "(−∞, ∞), 0 for a symmetric distribution",
  summary: "Skewness of activations over all rows, the median of live latents.",
  compute: (sums) =>
    medianOverLive(sums, (mean, square, cube) => {
      const variance = square - mean ** 2;
      return (cube - 3 * mean * variance - mean ** 3) / variance ** 1.5;
    }),
};
