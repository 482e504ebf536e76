/** @file A coupling adds a term to the loss that depends on several members at once. */

import type { Checkpointable } from "../../base/checkpointable.ts";
import type { Batch } from "../../sae/trainable.ts";
import type { Population } from "../population.ts";

/** The step that a coupling pulls in. */
export interface CouplingStep {
  /** Counted from 0. */
  readonly step: number;
  /** Steps of the whole run, for schedules that end. */
  readonly totalSteps: number;
  /** What every member is about to be trained on. */
  readonly batch: Batch;
}

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
  /** Members already start where their first batch puts them: see `Trainable.fitTo`. */
  pull(population: Population, step: CouplingStep): Promise<Pull>;
  /** Memory that it takes, from shapes alone. */
  bytes(population: Population): CouplingBytes;
}
