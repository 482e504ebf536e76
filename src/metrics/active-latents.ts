import type { LatentMetric } from "./latent-metric.ts";

/** A latent counts as active above this many rows (HoagyC/sparse_coding's threshold). */
const MORE_THAN = 10;

/** Latents that are active in more than ten rows. Depends on how many were evaluated: say so. */
export const activeLatents: LatentMetric = {
  name: "active_latents",
  label: "Active latents",
  formula: `|{j : latent j is active in more than ${MORE_THAN} rows}|`,
  unit: "latents",
  better: "higher",
  range: "[0, d_sae]",
  summary: `Latents that are active in more than ${MORE_THAN} of the held-out activations.`,
  compute: ({ activeRows }) => activeRows.filter((n) => n > MORE_THAN).length,
};
