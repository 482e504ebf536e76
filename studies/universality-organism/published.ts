/**
 * @file What the published notebooks print: means over five models of one data seed (42), at a step
 *   of 30,000 at a rate of 1e-4 with all 50,000 rows.
 *
 * Song et al. 2025 (arXiv:2505.20254), outputs of synthetic/group_topksae.ipynb and group_sae.ipynb
 * of sae-feature-consistency 32da471.
 */

/** Similarities at the end of training. */
export interface Published {
  readonly pwMcc: number;
  readonly gtMcc: number;
  /** Of the curves, from the first logged step to the last. */
  readonly correlation: number;
}

/** By the arm that repeats it. */
export const PUBLISHED = {
  "topk-published": { pwMcc: 0.9514, gtMcc: 0.9675, correlation: 0.987 },
  "relu-published": { pwMcc: 0.6089, gtMcc: 0.6308, correlation: 0.923 },
} as const satisfies Readonly<Record<string, Published>>;
