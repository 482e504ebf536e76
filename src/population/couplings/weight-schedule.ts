/** @file The weight of a coupling over the steps: it grows, and may fall to zero again. */

/** How the weight changes while members train. */
export interface WeightSchedule {
  readonly weight: number;
  /**
   * warm(t) = ½ (1 + cos(π (warmupSteps − t) / warmupSteps)) for t < warmupSteps, t counted from 1;
   * then 1.
   */
  readonly warmupSteps: number;
  /**
   * Fractions of all steps between which the weight falls to zero, as half a cosine, to stay there.
   * false: it never falls. Members that train on alone end where the data puts them.
   */
  readonly anneal: false | { readonly start: number; readonly end: number };
}

/** The MFR authors' warm-up: its step counter is 1 in the first step. */
function warmupFactor(step: number, warmupSteps: number): number {
  const t = step + 1;
  if (t >= warmupSteps) return 1;
  return 0.5 * (1 + Math.cos((Math.PI * (warmupSteps - t)) / warmupSteps));
}

function annealFactor(anneal: WeightSchedule["anneal"], fraction: number): number {
  if (anneal === false || fraction < anneal.start) return 1;
  if (fraction >= anneal.end) return 0;
  const through = (fraction - anneal.start) / (anneal.end - anneal.start);
  return 0.5 * (1 + Math.cos(Math.PI * through));
}

/**
 * weight · warm(t) · anneal(step / totalSteps).
 *
 * @param step Counted from 0.
 */
export function weightAt(schedule: WeightSchedule, step: number, totalSteps: number): number {
  const { weight, warmupSteps, anneal } = schedule;
  return weight * warmupFactor(step, warmupSteps) * annealFactor(anneal, step / totalSteps);
}
