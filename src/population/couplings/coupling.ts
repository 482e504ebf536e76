/** @file A coupling adds a term to the loss that depends on several members at once. */

import type { Checkpointable } from "../../base/checkpointable.ts";
import type { Population } from "../population.ts";

/** What a coupling asks of a step. */
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

/** Memory of a coupling beside what its constructor allocates, bytes. */
export interface CouplingBytes {
  /** Allocated in the first step, and held from then on. */
  readonly held: number;
  /** Taken for a moment in every step. */
  readonly scratch: number;
}

/** A coupling; its constructor allocates large arrays by the population's backend. */
export interface Coupling extends Checkpointable {
  readonly name: string;
  /** Step counted from 0. */
  pull(population: Population, step: number): Promise<Pull>;
  /** Memory that it takes, from shapes alone. */
  bytes(population: Population): CouplingBytes;
}
