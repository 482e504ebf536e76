/**
 * @file Mutual Feature Regularization: members are pulled towards each other's atoms.
 *
 *   L_c = weight · warm(t) · norm · Σ_{i<j} (1 − MMCS(W_i, W_j))
 *
 * MMCS is the mean cosine of matched atoms. `hungarian` matches them one to one by exact
 * assignment, as the MFR authors' code does. `max` takes the nearest atom in one direction, as the
 * paper describes, and `symmetric_max` the mean of both directions. Both sides of every pair
 * receive gradient. Marks et al. 2024 (arXiv:2411.01220); the authors' code is
 * mutual-feature-regularization e9ec664, utils/sae_trainer.py.
 */

import { z } from "zod";
import type { Population } from "../population.ts";
import { couplingKind } from "./coupling-kind.ts";
import { MATCHED_DEFAULTS, MatchedCoupling, type MatchedOptions } from "./matched-coupling.ts";
import { matchedKeys } from "./matched-keys.ts";

/** Options of MFR: those that all couplings of matched atoms have. */
export type MfrOptions = MatchedOptions;

/** The MFR authors' choices. */
export const MFR_DEFAULTS = MATCHED_DEFAULTS;

/**
 * L_c = weight · warm(t) · norm · Σ_{i<j} (1 − MMCS(W_i, W_j)) over the coupled members, and its
 * gradient; see the head of this file.
 */
export class MutualFeatureRegularization extends MatchedCoupling {
  /** @param coupled Indices of the members that take part, ascending; default all. */
  constructor(
    population: Population,
    options: MfrOptions,
    coupled: readonly number[] = population.members.map((_, i) => i),
  ) {
    super(population, { name: "mfr", weights: { kind: "uniform" } }, options, coupled);
  }
}

export const mfr = couplingKind({
  title: "Mutual Feature Regularization",
  schema: z
    .strictObject({
      // Configs from before there were others do not say which it is.
      kind: z
        .literal("mfr")
        .optional()
        .default("mfr")
        .describe("All matched atoms are pulled together"),
      ...matchedKeys,
    })
    .describe("Mutual Feature Regularization (Marks et al. 2024)"),
  create: (population, options, { coupled, seed }) =>
    new MutualFeatureRegularization(population, { seed, ...options }, coupled),
});
