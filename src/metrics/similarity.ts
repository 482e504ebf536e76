/** @file The definitions of similarities between dictionaries. `consistency/` computes them. */

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

/**
 * From this cosine on, matched atoms count as the same feature (Paulo and Belrose 2025,
 * arXiv:2501.16615).
 */
export const SHARED_FROM = 0.7;

/** Fraction of matched pairs that are similar enough to be the same feature. */
export const shared: Metric = {
  name: "shared",
  label: "Shared",
  formula: `|{i : cos(a_i, b_π(i)) ≥ ${SHARED_FROM}}| / pairs, π as in MCC`,
  unit: "fraction",
  better: "higher",
  range: "[0, 1]",
  summary: `Fraction of the pairs of the best one-to-one assignment with a cosine of at least ${SHARED_FROM}.`,
};

/**
 * The similarity that Mutual Feature Regularization pulls up; the name means different things in
 * different works.
 */
export const mmcs: Metric = {
  ...COSINE,
  name: "mmcs",
  label: "MMCS",
  formula:
    "mean over matched atoms of cos(a_i, b_π(i)); the coupling's loss is weight · (1 − MMCS)",
  summary:
    "What Mutual Feature Regularization pulls up: the MCC with matching hungarian, the mean-max cosine with max, the mean of its two directions with symmetric_max.",
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
 * MCC of members with members that no coupling touched: agreement that the coupling did not reward,
 * and so evidence where PW-MCC is not.
 */
export const independentMcc: Metric = {
  ...COSINE,
  name: "independent_mcc",
  label: "Independent MCC",
  formula: "mean over members and independent members of MCC",
  summary: "How much of a member's dictionary SAEs outside every coupling found as well.",
};

/** MCC of atoms that may be moved by a group; see consistency/modulo-group.ts. Ours. */
export const mccModulo: Metric = {
  ...COSINE,
  name: "mcc_modulo",
  label: "MCC mod G",
  formula: "max over assignments π of mean_i max_k cos(a_i, M_k b_π(i))",
  summary:
    "MCC where atoms that the rows' group moves into each other count as one. Its null is larger than that of MCC.",
};

/** PW-MCC modulo the group of the rows. */
export const pwMccModulo: Metric = {
  ...COSINE,
  name: "pw_mcc_modulo",
  label: "PW-MCC mod G",
  formula: "mean over pairs of members of MCC modulo the group",
  summary: "How much of one member's dictionary the others found as well, in whatever pose.",
};

/** GT-MCC modulo the group of the rows. */
export const gtMccModulo: Metric = {
  ...COSINE,
  name: "gt_mcc_modulo",
  label: "GT-MCC mod G",
  formula: "MCC(W_dec, true features) modulo the group",
  summary: "How much of the ground truth a member found, in whatever pose.",
};

/** MCC against the known features of a synthetic source. */
export const gtMcc: Metric = {
  ...COSINE,
  name: "gt_mcc",
  label: "GT-MCC",
  formula: "MCC(W_dec, true features)",
  summary: "How much of the ground truth a member found.",
};
