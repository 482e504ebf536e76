/** @file A coupling adds a term to the loss that depends on several members at once. */

import type { Population } from "../population.ts";

export interface Pull {
  /** The coupling's loss at this step, weight and warm-up included. */
  readonly loss: number;
  /**
   * Gradient with respect to each member's decoder parameter [d_sae, d_in], from the weights before
   * the step.
   */
  readonly gradients: readonly (Float32Array | undefined)[];
  /** What happened, for the step's record: counts by kind of work. */
  readonly work: Readonly<Record<string, number>>;
}

export interface Coupling {
  readonly name: string;
  /** Step counted from 0. */
  pull(population: Population, step: number): Promise<Pull>;
  /** Arrays that a checkpoint must keep, by name; the coupling reads and writes them in place. */
  arrays(): Readonly<Record<string, Float64Array | Float32Array | Int32Array>>;
}
