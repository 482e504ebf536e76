/**
 * @file What a person writes for a new kind of SAE: a function that records on a tape how rows are
 *   encoded, decoded and judged. Everything else (starting weights, Adam, couplings, checkpoints,
 *   evaluation) follows from it.
 */

import type { Backend } from "../../backend/backend.ts";
import type { RunningStatistics } from "../../tape/ops/batch-norm.ts";
import type { TapeTensor } from "../../tape/tensor.ts";
import type { WeightDraw } from "../init/fill-weights.ts";
import type { SaeSelection } from "../sae.ts";

/**
 * How a parameter starts: drawn, all of one number, a copy of an earlier parameter, ones on the
 * diagonal of a matrix, or a centre of the first batch.
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

/** What a model is recorded with. */
export interface TapeInputs {
  /** Activations, [batch, d_in]. */
  readonly x: TapeTensor;
  /** What they should be reconstructed as, [batch, d_in]: equal to x for most sources. */
  readonly target: TapeTensor;
  readonly dIn: number;
  readonly dSae: number;
  readonly batch: number;
  /** Makes a parameter. Its name is unique, and that of its arrays in checkpoints. */
  parameter(name: string, shape: readonly number[], options?: ParameterOptions): TapeTensor;
  /**
   * Makes numbers that training does not change and checkpoints keep: zeros until `TapeStart.fit`
   * sets them. Names are those of parameters.
   */
  constant(name: string, shape: readonly number[]): TapeTensor;
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
  /** A scalar. */
  readonly loss: TapeTensor;
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
