/** @file Learning-rate schedules as factors of the base rate. */

/** How the learning rate changes over a run. */
export interface Schedule {
  /** Steps of linear growth from 0 (step 0 trains with rate 0) to 1. */
  readonly warmupSteps: number;
  /** Step from which the rate falls linearly to 0 at `totalSteps`; undefined: never. */
  readonly decayStart: number | undefined;
  readonly totalSteps: number;
}

/**
 * Factor for a step counted from 0: warm-up, then constant, then linear decay to 0. Follows
 * get_lr_schedule of dictionary_learning's trainers/trainer.py.
 */
export function scheduleFactor(schedule: Schedule, step: number): number {
  if (step < schedule.warmupSteps) return step / schedule.warmupSteps;
  if (schedule.decayStart !== undefined && step >= schedule.decayStart)
    return (schedule.totalSteps - step) / (schedule.totalSteps - schedule.decayStart);
  return 1;
}
