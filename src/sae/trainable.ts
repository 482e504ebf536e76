/**
 * @file What a population needs of an SAE in training, whatever computes it. Populations,
 *   couplings, checkpoints, evaluation and plans use this contract alone.
 *
 * A step is `forward`, then `backward` with what `forward` returned. Between the two the caller may
 * look at which latents were active, and may start the SAE again and repeat `forward`.
 */

import type { Backend } from "../backend/backend.ts";
import type { MemoryItem } from "../base/bytes.ts";
import type { Checkpointable } from "../base/checkpointable.ts";
import type { Symmetry } from "../sources/symmetry.ts";
import type { Sae } from "./sae.ts";

/** What a trainable is made in: SAEs with the same context see the same batches in turn. */
export interface TrainableContext {
  readonly backend: Backend;
  /** Width of an activation. */
  readonly dIn: number;
  /** Activations per step. */
  readonly batch: number;
  /** Memory that SAEs of one shape share, because they take their steps one after another. */
  readonly shared: Map<string, object>;
  /** That of the source, where batches are whole orbits. */
  readonly symmetry?: Symmetry | undefined;
  /** Of the member: decides what is drawn for its data. Default 0. */
  readonly seed?: number;
}

/** What the starting weights are drawn from. */
export interface Draw {
  readonly seed: number;
  /** 0 for the first draw; n for the n-th time that the SAE starts again. */
  readonly restart: number;
}

/** The activations of a step, all finite. */
export interface Batch {
  /** [batch, d_in] */
  readonly x: Float32Array;
  /** What x̂ should be, [batch, d_in]. Default: x itself. */
  readonly target?: Float32Array | undefined;
}

/** What a forward pass found; implementations keep more in it. */
export interface Forward {
  /** Rows of the batch in which each latent is active, [d_sae]. Valid until the next `forward`. */
  readonly activeRows: Int32Array;
}

/** What a step is taken with. */
export interface StepOptions {
  /** Learning rate of this step. */
  readonly lr: number;
  /** Gradient of a coupling with respect to the parameter of the dictionary, [d_sae, d_in]. */
  readonly pull?: Float32Array | undefined;
  /** How far each atom moves in this step is added to it, [d_sae]; rounded up, never down. */
  readonly moved?: Float32Array | undefined;
}

/** What a step found, before its update changed the weights. */
export interface StepResult {
  /** The SAE's own loss, penalties included; without couplings. */
  readonly loss: number;
  /** Mean over the batch of ‖target − x̂‖². */
  readonly squaredError: number;
  /** Mean over the batch of the number of active latents. */
  readonly l0: number;
  /** Mean over the batch of Σ|z|. */
  readonly l1: number;
  /** Loss of an auxiliary objective for dead latents; undefined when the SAE has none. */
  readonly auxLoss: number | undefined;
  /** Global gradient norm before clipping; undefined when the SAE does not clip. */
  readonly gradientNorm: number | undefined;
  /** Rows whose code had to be computed twice; 0 for most SAEs. */
  readonly redoneRows: number;
}

/** The decoder as couplings and matching see it. */
export interface Atoms {
  /** [count, d], rows of length one. The trainable's memory: it changes with every step. */
  readonly unit: Float32Array;
  readonly count: number;
  readonly d: number;
  /**
   * The parameter whose normalised rows are `unit`, [count, d]: what `StepOptions.pull` is a
   * gradient of. Undefined: the rows of `unit` are the parameter.
   */
  readonly parameter: Float32Array | undefined;
}

/** What decides the memory that an SAE takes in a run. */
export interface PlannedUse {
  /** Activations that the SAE sees in all. */
  readonly activations: number;
  /** Whether batches have targets of their own. */
  readonly hasTargets: boolean;
}

/** Memory of an SAE in training, bytes. */
export interface TrainableBytes {
  /** What is held from the first step to the last. */
  readonly held: readonly MemoryItem[];
  /** What may come on top of `held` at worst: all latents dead, say, or most of them active. */
  readonly most: readonly MemoryItem[];
  /** What drawing the starting weights takes for a moment. */
  readonly starting: number;
  /** The SAE for inference: active latents per row if fixed, else 0; and memory of its own. */
  readonly inference: { readonly k: number; readonly bytes: number };
}

/** An SAE in training. */
export interface Trainable extends Checkpointable {
  readonly dIn: number;
  readonly dSae: number;
  /**
   * Latents of a row that are active by construction; undefined when training decides it. The
   * reinitialisation rule needs it.
   */
  readonly activePerRow: number | undefined;
  /**
   * Whether its codes come from the encoders of the backend, so that several machines can share the
   * rows. Default false.
   */
  readonly encodesRows?: boolean;

  /**
   * Draws fresh weights and forgets moments and counters. What `fitTo` took from data stays.
   *
   * Separate from `fitTo`, because weights are wanted before the first batch, and restarts keep
   * what came from data.
   */
  initialise(draw: Draw): Promise<void>;
  /** Starts from the weights of `sae` in place of drawn ones; `fitTo` changes nothing then. */
  startFrom(sae: Sae): Promise<void>;
  /**
   * Takes from the first batch what the start depends on, such as b_dec. Called once, before the
   * first step.
   */
  fitTo(firstBatch: Float32Array): Promise<void>;

  /**
   * Training rows that the start is still to be made from; 0 or undefined: none. A checkpoint, or a
   * saved SAE to start from, leaves none.
   */
  readonly startRows?: number;
  /**
   * Makes the start from the first rows of training. Called after `initialise` and before the first
   * step, where `startRows` is above 0.
   *
   * @param rows  [rows, d_in]: as many as `startRows`, or all that a pass has. Not to be changed.
   * @param found What members of one population found in these rows, by names of their choice, so
   *   that equal work is done once. It is forgotten afterwards.
   * @throws {ConcordError} "argument/invalid" when they are too few.
   */
  startOn?(rows: Float32Array, found: Map<string, object>): Promise<void>;

  /** Encodes and decodes a batch; no weight changes. */
  forward(batch: Batch): Promise<Forward>;
  /**
   * Completes the step: gradients, the update, counters.
   *
   * @throws {ConcordError} "numeric/not-finite" when the loss, the gradient or a weight is not
   *   finite.
   */
  backward(forward: Forward, step: StepOptions): Promise<StepResult>;

  /** The decoder at this moment. */
  dictionary(): Atoms;
  /** The SAE at this moment, for rows as they are trained on; it shares the trainable's memory. */
  inference(): Sae;
  /** Latents that have not fired for so long that they count as dead. */
  deadLatents(): number;
  /** Memory that it takes, from shapes alone. */
  bytes(use: PlannedUse): TrainableBytes;
}
