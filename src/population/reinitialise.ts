/**
 * @file The reinitialisation rule of Mutual Feature Regularization: an SAE whose latents are active
 *   too unevenly starts again.
 *
 *   score = mean_j (|rate_j − target| / target)³
 *   rate_j = fraction of the batch in which latent j is active
 *
 * The MFR authors' code compares with a fixed target of 1/16 (k / d_sae of its synthetic setting)
 * and a threshold of 2.5. A dead latent adds exactly 1 to the mean, so dead latents alone never
 * reach the threshold. The rule fires on latents that are always on, whatever its description says.
 */

import type { PopulationMember } from "./population.ts";

/** When a member starts again. */
export interface ReinitialiseOptions {
  /** `faithful`: 1/16. `calibrated`: k / d_sae, the rate of a perfectly even TopK member. */
  readonly target: "faithful" | "calibrated";
  /** Default of the MFR authors' code: 2.5. */
  readonly threshold: number;
  /**
   * Steps after a reinitialisation in which the member is left alone; the MFR authors' code has
   * none.
   */
  readonly coolDownSteps: number;
}

/** Calibrated, with the MFR authors' threshold and a cool-down that their code lacks. */
export const REINITIALISE_DEFAULTS: ReinitialiseOptions = {
  target: "calibrated",
  threshold: 2.5,
  coolDownSteps: 100,
};

const FAITHFUL_TARGET = 1 / 16;

/** The rule's score of a batch in which latent j was active in activeRows[j] of `batch` rows. */
export function activityScore(activeRows: Int32Array, batch: number, target: number): number {
  let sum = 0;
  for (const active of activeRows) sum += (Math.abs(active / batch - target) / target) ** 3;
  return sum / activeRows.length;
}

/**
 * The activity that the rule expects of every latent.
 *
 * @returns undefined for a member whose number of active latents training decides: the rule says
 *   nothing of it.
 */
export function activityTarget(
  { sae }: PopulationMember,
  options: ReinitialiseOptions,
): number | undefined {
  if (sae.activePerRow === undefined) return undefined;
  return options.target === "faithful" ? FAITHFUL_TARGET : sae.activePerRow / sae.dSae;
}

/**
 * Fresh weights, optimiser and counters; b_dec stays. Its atoms count as having moved as far as
 * unit vectors can.
 */
export async function reinitialise(member: PopulationMember, step: number): Promise<void> {
  member.reinitialisations++;
  member.reinitialisedAt = step;
  await member.sae.initialise({ seed: member.seed, restart: member.reinitialisations });
  member.movement.jump();
}
