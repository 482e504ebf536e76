/**
 * @file What a person writes for a new kind of SAE: a function that records on a tape how rows are
 *   encoded, decoded and judged. Everything else (starting weights, Adam, couplings, checkpoints,
 *   evaluation) follows from it.
 */

import type { Backend } from "../../backend/backend.ts";
import type { Symmetry } from "../../sources/symmetry.ts";
import type { RunningStatistics } from "../../tape/ops/batch-norm.ts";
import type { TapeTensor } from "../../tape/tensor.ts";
import type { WeightDraw } from "../init/fill-weights.ts";
import type { SaeSelection } from "../sae.ts";

/**
 * How a parameter starts: drawn, all of one number, a copy of an earlier parameter, or a centre of
 * the first batch. `identity`: ones on the diagonal of a matrix.
 */
export type ParameterStart =
  | WeightDraw
  | number
  | { readonly copyOf: string }
  | "identity"
  | "mean"
  | "geometric_median";

/** A parameter beyond its name and shape. */
export interface ParameterOptions {
  /** Default 0. A draw needs a matrix, a centre a vector [d_in]. */
  readonly start?: ParameterStart;
  /**
   * Rows are kept at length one. The gradient loses its part along each row before Adam, and the
   * row is normalised after it, as dictionary_learning's TopKTrainer does. Default false.
   */
  readonly unitRows?: boolean;
  /**
   * Brings the parameter to where it may be, in place; called after each draw and each step. The
   * gradient does not see it (projected gradient descent).
   *
   * @param values  Row-major.
   * @param columns Extent of its last axis.
   */
  project?(values: Float32Array, columns: number): void;
}

/** Numbers with a shape. */
export interface GivenNumbers {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What a model is recorded with. */
export interface TapeInputs {
  /** Activations, [batch, d_in]. */
  readonly x: TapeTensor;
  /** What they should be reconstructed as, [batch, d_in]: equal to x for most sources. */
  readonly target: TapeTensor;
  readonly dIn: number;
  readonly dSae: number;
  readonly batch: number;
  /**
   * That of the source, where the batch is whole orbits. Undefined in inference, where rows come
   * one by one.
   */
  readonly symmetry?: Symmetry | undefined;
  /** Of the member, in training; 0 in inference. */
  readonly seed: number;
  /** Makes a parameter. Its name is unique, and that of its arrays in checkpoints. */
  parameter(name: string, shape: readonly number[], options?: ParameterOptions): TapeTensor;
  /**
   * Numbers that inference needs and that do not learn. They are kept in checkpoints and folders.
   *
   * @param given What they are, in training. Inference gets what was kept, and
   *   `TapeStart.fit` may set others before the first step.
   */
  constant(name: string, given?: GivenNumbers): TapeTensor;
  /** The running statistics of a batch norm with `columns` channels. */
  statistics(name: string, columns: number): RunningStatistics;
}

/** An encoder that is one matrix, so that every program can read the SAE. */
export interface LinearEncoder {
  /** Parameter [d_sae, d_in]. Scores are (x − decoderBias) · its rows + bias. */
  readonly weights: TapeTensor;
  /** Parameter [d_sae]. */
  readonly bias: TapeTensor;
  /** A batch norm of these scores before anything is selected. Where it is over, it is folded. */
  readonly norm?: {
    /** Parameters [d_sae]. */
    readonly gamma: TapeTensor;
    readonly beta: TapeTensor;
    readonly running: RunningStatistics;
    readonly eps: number;
  };
}

/** What was recorded. */
export interface TapeModel {
  /** Latents, [batch, d_sae]. Zeros are inactive. */
  readonly code: TapeTensor;
  /**
   * code · atoms + decoderBias, [batch, d_in]. Atoms are the decoder's rows at length one, or at
   * their own with `keepsLengths`.
   */
  readonly reconstruction: TapeTensor;
  /** A scalar; of no use in inference. */
  readonly loss: TapeTensor;
  /** What the reconstruction should be, [batch, d_in]. Default: the target. */
  readonly aim?: TapeTensor | undefined;
  /** What the selection chooses from, [batch, d_sae]: AuxK needs it. */
  readonly scores?: TapeTensor | undefined;
  /**
   * [d_sae, d_in]: what couplings pull, and whose rows at length one are matched. A parameter, or
   * computed from some; then record it first, because it is computed again after each step.
   */
  readonly decoder: TapeTensor;
  /** Whether the decoder's rows decode at their own lengths. Default false. */
  readonly keepsLengths?: boolean;
  /** Parameter [d_in]. Left out: none. */
  readonly decoderBias?: TapeTensor | undefined;
  /** Given where the encoder is linear. Left out: the recorded operations encode. */
  readonly encoder?: LinearEncoder;
  /** How latents are selected; saved with a linear encoder. Default: those above zero. */
  readonly selection?: SaeSelection;
}

/** What a start from training rows is made with. */
export interface StartContext {
  readonly backend: Backend;
  readonly dIn: number;
  readonly dSae: number;
  /** Of the member. */
  readonly seed: number;
  /** See `Trainable.startOn`. */
  readonly found: Map<string, object>;
  /** The numbers of a parameter or constant, to be set. */
  values(name: string): Float32Array;
}

/** What of a start is made from training rows. */
export interface TapeStart {
  /** How many rows. */
  readonly rows: number;
  /**
   * Sets parameters and constants.
   *
   * @param rows [rows, d_in]; fewer where a pass has fewer.
   */
  fit(rows: Float32Array, context: StartContext): Promise<void>;
  /** Bytes that `fit` takes for a moment, its rows included. */
  bytes(backend: Backend, shape: { readonly dIn: number; readonly dSae: number }): number;
}

/** Records a model; called once for training, and once for each batch size of inference. */
export type RecordModel = (inputs: TapeInputs) => TapeModel;
