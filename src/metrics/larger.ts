/** @file Definitions of what a wider SAE has of a narrower one; `analyses/` computes them. */

import type { Metric } from "./metric.ts";

/** Above this cosine an atom counts as found again (Sharkey et al. 2022). */
export const FOUND_ABOVE = 0.9;

/** MMCS with the larger dictionary: one-to-one, unlike the mean-max cosine. */
export const largerMmcs: Metric = {
  name: "larger_mmcs",
  label: "MMCS with the larger",
  formula: "max over assignments π of mean_i cos(a_i, b_π(i)), b the next wider SAE of the setting",
  unit: "cosine",
  better: "higher",
  range: "[−1, 1]",
  summary: "Mean cosine of atoms with those of the next wider SAE, matched one to one.",
};

/** How many atoms the wider dictionary has as well. */
export const largerFound: Metric = {
  name: "larger_found",
  label: "Found in the larger",
  formula: `|{i : cos(a_i, b_π(i)) > ${FOUND_ABOVE}}| / d_sae, π as for the MMCS with the larger`,
  unit: "fraction",
  better: "higher",
  range: "[0, 1]",
  summary: `Fraction of atoms with a cosine above ${FOUND_ABOVE} with one of the next wider SAE.`,
};
