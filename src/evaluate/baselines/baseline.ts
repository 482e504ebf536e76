/**
 * @file What a baseline is: a dictionary that no training of SAEs made. It has the form of an SAE,
 *   so that whatever takes SAEs takes it.
 */

import type { Backend } from "../../backend/backend.ts";
import type { FittingRows } from "./fitting-rows.ts";
import type { Sign } from "./signs.ts";

/** What a person may decide of a fit. */
export interface FitOptions {
  /** Components; default as many as the rows have dimensions, or vary in. */
  readonly components?: number | undefined;
  /** Decides what is random. */
  readonly seed: number;
  /** Whether the mean of the rows is taken off first. Default as the baseline has it. */
  readonly centre?: boolean | undefined;
  /** NMF: added to every number of the rows, to make them non-negative. Default 0. */
  readonly shift?: number | undefined;
  /** ICA: atoms as the code of Cunningham et al. has them. Default false. */
  readonly faithful?: boolean | undefined;
  /** ICA and NMF. Default 200. */
  readonly maxIterations?: number | undefined;
  /** ICA and NMF. Default 1e-4. */
  readonly tolerance?: number | undefined;
}

/** Everything that a fit sees. */
export interface FitContext extends FitOptions {
  readonly backend: Backend;
  readonly rows: FittingRows;
  /** Called and awaited before each iteration. */
  readonly pause: (iteration?: number) => void | Promise<void>;
}

/** Components, as s = (x − centre) encoderᵀ + bias and x̂ = s atoms + centre. */
export interface Components {
  readonly count: number;
  /** [count, d_in] */
  readonly encoder: Float32Array;
  /** Rows of length one, [count, d_in]. */
  readonly atoms: Float32Array;
  /** [count]; none: zeros. */
  readonly bias?: Float32Array;
  /** [d_in]; undefined: zeros. */
  readonly centre: Float32Array | undefined;
  /** How they were found, for the SAE's file. */
  readonly facts: Readonly<Record<string, number | string | boolean>>;
}

/** A kind of baseline. */
export interface Baseline {
  /** What the command line calls it. */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Where it comes from. */
  readonly source: string;
  /** What can become of its signs, the default first. */
  readonly signs: readonly Sign[];
  /** Rows that it is fitted to when nobody says. */
  readonly rows: number;
  /** @throws {ConcordError} "argument/invalid" naming the option or the rows that do not fit. */
  fit(context: FitContext): Promise<Components>;
}
