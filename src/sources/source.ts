/**
 * @file What a population is trained on. A source yields activations, float32 [rows, d_in], as an
 *   endless training stream and as held-out rows that training never sees. The stream can be put
 *   back exactly where it was. A row is its own target unless the source has targets. Then it is to
 *   be reconstructed as something else, a noisy window as the clean one for example.
 */

import type { RowNormalization } from "../base/row-normalization.ts";
import type { CatalogueOptions } from "../fetch/catalogue-options.ts";
import type { RowLabels } from "./row-labels.ts";
import type { Symmetry } from "./symmetry.ts";

/**
 * Where a stream stands: plain JSON, written into checkpoints. Only the source that made it can
 * read it.
 */
export type StreamState = { readonly [key: string]: number | string | boolean };

/**
 * The endless stream of training activations. A finite source starts another pass, newly shuffled,
 * when it runs out.
 */
export interface ActivationStream {
  /**
   * Width of a row, for whoever trains on it to compare; a stream that does not say is believed.
   */
  readonly dIn?: number;
  /** Rows in one pass, or undefined when the stream never repeats. */
  readonly rowsPerPass: number | undefined;
  /** True when rows have targets of their own. */
  readonly hasTargets?: boolean;
  /**
   * Fills `out` with the next rows.
   *
   * @param out     Float32Array of rows × d_in elements, shared memory allowed; overwritten whole.
   * @param targets As long as `out`, for the rows' targets; left alone by a stream that has none.
   */
  next(out: Float32Array, targets?: Float32Array): Promise<void>;
  /** The position before the next row. */
  state(): StreamState;
  /**
   * Continues from a position that `state()` gave: the rows that follow are the same bytes as they
   * were then.
   */
  seek(state: StreamState): Promise<void>;
}

/** Rows that can be read in any order; evaluation reads them from 0 to `rows`. */
export interface RowReader {
  readonly rows: number;
  /** True when rows have targets of their own. */
  readonly hasTargets?: boolean;
  /**
   * Reads the rows [start, start + out.length / d_in).
   *
   * @param targets As long as `out`, for the rows' targets; left alone by a reader that has none.
   * @throws {ShapeError} when they reach beyond `rows`.
   */
  read(start: number, out: Float32Array, targets?: Float32Array): Promise<void>;
}

/**
 * Facts about where activations come from, kept with every run: plain JSON. What the activations
 * are of stands here, whatever they were kept in on their way.
 */
export interface Provenance {
  /** What made them: the `source.kind` of a config. */
  readonly kind: string;
  /**
   * True when the data stands in for data that could not be had; reports then say so wherever its
   * numbers appear.
   */
  readonly substitute?: string;
  /**
   * Says which rows these are, by their content. A source with the same digest serves the same rows
   * in the same order, whatever they are called and wherever they lie. Undefined where the config
   * alone decides them (synthetic data).
   */
  readonly digest?: string | undefined;
  readonly [key: string]: unknown;
}

/** Known ground truth of a synthetic source. */
export interface TrueFeatures {
  /** [count, d_in], one feature a row, not necessarily of unit norm. */
  readonly matrix: Float32Array;
  readonly count: number;
}

/** How a row is made of signals in time: channel after channel, each `samples` long. */
export interface SignalLayout {
  /** Labels, [channels]. */
  readonly channels: readonly string[];
  /** Hz. */
  readonly rate: number;
  /** Samples per channel. */
  readonly samples: number;
}

/** An activation store behind a source. */
export interface SourceStore {
  readonly folder: string;
  /** Its rows in front of the held-out ones. */
  readonly trainRows: number;
  readonly threads: number;
  /** How what its rows were made with is found again. */
  readonly catalogue: CatalogueOptions;
}

/** Where activations come from: a training stream and held-out rows of one width. */
export interface Source {
  readonly dIn: number;
  readonly provenance: Provenance;
  readonly train: ActivationStream;
  readonly heldOut: RowReader;
  readonly trueFeatures?: TrueFeatures;
  /**
   * What was done to the rows of `train`, and their targets; those of `heldOut` are as they come.
   */
  readonly normalization?: RowNormalization;
  /** Whole orbits of a group, where rows come in such. */
  readonly symmetry?: Symmetry;
  /**
   * Answers that are known of what the rows are made from. They are of all rows in their order,
   * held-out ones last, or of the held-out rows alone.
   */
  readonly labels?: () => Promise<RowLabels | undefined>;
  /** What a row is as signals in time, where it is some. */
  readonly layout?: SignalLayout;
  /**
   * What the folders of SAEs trained on it say of its rows, so that others can be made in the same
   * way: plain JSON.
   */
  readonly saeMetadata?: Readonly<Record<string, unknown>>;
  /**
   * What a person who starts a run should know of the data, a line each: what was left out and why.
   */
  readonly notices?: readonly string[];
  /** The most that the source holds while it serves, bytes; where it is known. */
  readonly memoryBytes?: number;
  /** What its kind of data holds besides while it describes latents, bytes. Default 0. */
  readonly describingBytes?: number;
  /** The store that its rows lie in, where they do, for whoever opens it again. */
  readonly store?: SourceStore;
  close(): Promise<void>;
}
