/** @file The words for comparing dictionaries. They are computed in `consistency/`. */

import type { Metric } from "./metric.ts";

const COSINE = { unit: "cosine", better: "higher", range: "[−1, 1]" } as const;

/** Mean over atoms of the largest cosine in the other dictionary; not symmetric. */
export const meanMaxCosine: Metric = {
  ...COSINE,
  name: "mean_max_cosine",
  label: "Mean-max cosine",
  formula: "mean_i max_j cos(a_i, b_j)",
  summary:
    "Nearest atom in the other dictionary; atoms may share one. Grows with the other's size.",
};

/** Mean cosine of atoms matched one to one by exact assignment, sign kept. */
export const mcc: Metric = {
  ...COSINE,
  name: "mcc",
  label: "MCC",
  formula: "max over assignments π of mean_i cos(a_i, b_π(i))",
  summary: "Mean cosine under the best one-to-one assignment (min(n, m) pairs), signed.",
};

/** Mean of the MCC over all pairs of members (Song et al. 2025, arXiv:2505.20254). */
export const pwMcc: Metric = {
  ...COSINE,
  name: "pw_mcc",
  label: "PW-MCC",
  formula: "mean over pairs of members of MCC",
  summary: "How much of one member's dictionary the other members found as well.",
};

/**
 * MCC of members with members that no coupling touched: agreement that the coupling did not reward, and so evidence where
 * PW-MCC is not.
 */
export const independentMcc: Metric = {
  ...COSINE,
  name: "independent_mcc",
  label: "Independent MCC",
  formula: "mean over members and independent members of MCC",
  summary: "How much of a member's dictionary SAEs outside every coupling found as well.",
};

/** MCC against the known features of a synthetic source. */
export const gtMcc: Metric = {
  ...COSINE,
  name: "gt_mcc",
  label: "GT-MCC",
  formula: "MCC(W_dec, true features)",
  summary: "How much of the ground truth a member found.",
};
