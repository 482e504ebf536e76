/**
 * @file What an analysis provides: something that is done to trained members and the rows that
 *   training never saw. It runs after training when a config lists it under `analyses`, and at any
 *   time on a finished run. Wings bring their own; `src/analyses/` has those of the core and the
 *   list.
 */

import type { z } from "zod";
import type { Backend } from "../backend/backend.ts";
import type { Tensor } from "../base/tensor.ts";
import type { PairSimilarity } from "../consistency/compare-dictionaries.ts";
import type { Dictionary } from "../consistency/matching/dictionary.ts";
import type { Markup } from "../figures/html/html.ts";
import type { Metric } from "../metrics/metric.ts";
import type { JudgedMember } from "../runs/result-warnings.ts";
import type { ConsistencyResult, EvaluationResult } from "../runs/results.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import type { SaeShape } from "../sae/architecture.ts";
import type { Sae } from "../sae/sae.ts";
import type { Source, StreamState } from "../sources/source.ts";

/** A trained member. */
export interface AnalysedMember {
  readonly name: string;
  readonly architecture: string;
  readonly seed: number;
  /** Whether couplings include it; the others are the independent members. */
  readonly coupled: boolean;
  /** What distinguishes it from its population: grid values and overrides. */
  readonly label: Readonly<Record<string, unknown>>;
  /** What members differ in besides their seeds, with this member's values. */
  readonly setting: Readonly<Record<string, unknown>>;
  readonly lr: number;
  /** For unchanged rows, however training rows were normalised. */
  readonly sae: Sae;
  /** Its atoms, of length one. */
  readonly dictionary: Dictionary;
  /** Cosine of each atom with the one it started with, [d_sae]; undefined where that is gone. */
  readonly initialCosines?: () => Promise<Float32Array | undefined>;
}

/** Two members, by position, and how similar they are; each pair that was compared once. */
export interface ComparedPair {
  readonly i: number;
  readonly j: number;
  readonly similarity: PairSimilarity;
}

/** What the evaluation on held-out rows found. */
export interface EvaluationFound {
  readonly result: EvaluationResult;
  /** By member: share of the held-out rows in which each latent is active, [d_sae]. */
  readonly densities: readonly Float32Array[];
}

/** What the comparison of dictionaries found. */
export interface AgreementFound {
  readonly result: ConsistencyResult;
  readonly pairs: readonly ComparedPair[];
  /** Per latent, by `<member>.best_in_others` and `<member>.best_in_truth`, [d_sae]. */
  readonly latents: ReadonlyMap<string, Float32Array>;
}

/** What an analysis works on. */
export interface AnalysisContext {
  readonly backend: Backend;
  readonly members: readonly AnalysedMember[];
  readonly source: Source;
  /** Where the training rows of `source` begin; an analysis that reads them seeks this first. */
  readonly beginning: StreamState;
  /** What paths in options are relative to: the folder of the config. */
  readonly baseFolder: string;
  /** Of the run: decides whatever is drawn. */
  readonly seed: number;
  /** Steps that were taken. */
  readonly steps: number;
  /** Rows in a step. */
  readonly batch: number;
  /** FVU of the first and the last logged training batch, by member. */
  readonly trainingFvu: ReadonlyMap<string, JudgedMember["trainingFvu"]>;
  /** Called and awaited often; what it throws ends the analysis. */
  readonly pause: () => Promise<void>;
  /** Called when memory of this many bytes is no longer needed; without a number, of any size. */
  readonly phaseDone: (bytes?: number) => void;
  /** Told of the comparisons that are done, and of those that there are to do. */
  readonly onCompared: (done: number, total: number) => void;
  /** Told of the rows that are looked at, and of those that there are to look at. */
  readonly onLooked: (done: number, total: number) => void;
  /** Earlier results: the evaluation always, the agreement if the run has it. */
  readonly evaluation: EvaluationFound;
  readonly agreement: AgreementFound | undefined;
}

/** An SAE that an analysis made. */
export interface KeptSae {
  readonly sae: Sae;
  /** What its cfg.json says besides. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A file of tensors that belongs to one analysis. */
export interface KeptFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Short texts of the file's header. */
  readonly facts?: Readonly<Record<string, string>>;
}

/**
 * What an analysis leaves in `results/`, by the names of files without their endings. What several
 * leave under one name is put together: keys of JSON objects, tensors of files.
 */
export interface AnalysisResults {
  readonly json?: Readonly<Record<string, object>>;
  readonly tensors?: Readonly<Record<string, ReadonlyMap<string, Tensor>>>;
  /** Texts, by their names with endings. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Files of tensors that are replaced whole, by their names as those of `tensors`. */
  readonly files?: Readonly<Record<string, KeptFile>>;
  /** SAEs, each in a folder of this name in the run's. */
  readonly saes?: Readonly<Record<string, KeptSae>>;
}

/** A table of numbers and words for a terminal. */
export interface ResultTable {
  readonly title: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** A finished run, as far as the pages of an analysis need it. */
export interface AnalysedRun {
  readonly evaluation: EvaluationResult;
}

/**
 * Something done to a finished run.
 *
 * @template Found   What it finds.
 * @template Options What a config can say of it: its `options` in camelCase.
 */
export interface Analysis<Found = unknown, Options extends object = object> {
  /** As `analyses` in a config lists it. */
  readonly name: string;
  /** What it does, one sentence. */
  readonly summary: string;
  /**
   * Its keys in a config, each with a default and a description. Such an analysis is listed by its
   * name, or as `{ kind: <name>, <key>: <value> }`.
   */
  readonly options?: z.ZodObject;
  /**
   * True when it runs only for configs that have its options under a key of its own, by its name.
   */
  readonly ownKey?: boolean;
  /** True when it runs only for configs that list it, because it takes long. */
  readonly onRequest?: boolean;
  /**
   * Whether it runs on rows of this kind when the config lists no analyses; always when left out.
   * One that is listed runs anyway.
   */
  unasked?(kind: string): boolean;
  /** Whether there is anything in rows of this source that it could look at. */
  applies(source: Source): boolean;
  /**
   * Checks before training what `analyse` will need: files, libraries.
   *
   * @param baseFolder As in `AnalysisContext`.
   * @throws {ConcordError} saying what is missing.
   */
  prepare?(source: Source, options: Options, baseFolder: string): Promise<void>;
  /** @throws {ConcordError} "numeric/not-finite" when a row is not finite; what `pause` throws. */
  analyse(context: AnalysisContext, options: Options): Promise<Found>;
  /** What is kept of it. */
  results(found: Found): AnalysisResults;
  /**
   * What `results` left, checked by its schema; undefined for a run that does not have it.
   *
   * @throws {FormatError} naming the file and what is wrong with it.
   */
  read(folder: RunFolder): Promise<Found | undefined>;
  /**
   * Most bytes that its results and figures take on the disk, for plans.
   *
   * @param members Their shapes.
   * @param rows    Of the source, those that train and those held out.
   */
  bytes?(members: readonly SaeShape[], options: Options, rows: number): number;
  /** Its sections of a run's report. */
  sections?(found: Found, run: AnalysedRun): Markup | undefined;
  /** Its sections of the report of a sweep, from those runs that have it. */
  sweepSections?(found: readonly Found[]): Markup | undefined;
  /** Its table, or tables, for `concord show`. */
  table?(found: Found): ResultTable | readonly ResultTable[] | undefined;
  /** The metrics that it reports, which pages then explain. */
  readonly metrics?: readonly Metric[];
}
