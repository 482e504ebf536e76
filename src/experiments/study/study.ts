/**
 * @file What a study file declares: arms under comparison, seeds, measures, verdicts, and what its
 *   page shows. A study of runs of Concord, or a benchmark whose lines were printed elsewhere.
 */

import type { Backend } from "../../backend/backend.ts";
import type { CatalogueOptions } from "../../fetch/catalogue-options.ts";
import type { RunFolder } from "../../runs/run-folder.ts";
import type { Source } from "../../sources/source.ts";
import type { StudyFigure } from "./figures/kinds.ts";
import type { StudyResults } from "./study-results.ts";
import type { StudyRun } from "./study-run.ts";

/** Where an experiment's numbers are kept, in the folder of its study. */
export const NUMBERS_FILE = "numbers.json";
/** Where a benchmark's lines are kept: as `npm run bench -- … --json` prints them. */
export const LINES_FILE = "numbers.jsonl";
/** The text with placeholders, written by a person. */
export const TEMPLATE_FILE = "page.md";
/** The page with its numbers, written by `concord study render`. */
export const PAGE_FILE = "README.md";
/** Folder of the figures. */
export const FIGURES_FOLDER = "figures";

/** One setting under comparison. */
export interface Arm {
  /** Names the arm in tables and figures. */
  readonly title: string;
  /** `key=value`, as for `concord run --set`; they win over those of the study. */
  readonly settings?: readonly string[];
  /** A config of its own, relative to the study's folder. Default: the study's. */
  readonly config?: string;
  /** Default: the study's. */
  readonly seeds?: readonly number[];
  /** The arm that this one is compared with unless a table names another. Default: the study's. */
  readonly baseline?: string;
  /**
   * Equal compute: train this arm for as many steps as cost what the steps of these arms cost. The
   * length in its config is multiplied by their mean `step_cost`, rounded to one decimal, once
   * their runs are there.
   */
  readonly computeOf?: readonly string[];
  /** No runs of its own: for each seed the mean over these arms, such as the folds of a split. */
  readonly meanOf?: readonly string[];
}

/** A number, and where there is one the null that goes with it. */
export interface StudyNumber {
  readonly value: number;
  readonly null?: number;
}

/** What measures may use in addition to the run itself. */
export interface MeasureContext {
  readonly backend: Backend;
  /** The finished run of an arm and a seed; undefined while there is none. */
  run(arm: string, seed: number): StudyRun | undefined;
  /** The arm that `arm` is compared with. */
  baselineOf(arm: string): string | undefined;
  /** The rows that a run was trained on, its training rows normalised as its config says. */
  open(run: StudyRun): Promise<Source>;
}

/** A function of one quantity, such as a loss over steps or the counts of a histogram. */
export interface StudyPoints {
  /** In ascending order. */
  readonly x: readonly number[];
  /** As long as `x`. */
  readonly y: readonly number[];
}

/** Something measured in every run that is not one number. */
export interface StudyCurve {
  /** Names it in numbers.json and in figures. */
  readonly name: string;
  /** Undefined where a run does not have it. */
  of(
    run: StudyRun,
    context: MeasureContext,
  ): StudyPoints | undefined | Promise<StudyPoints | undefined>;
}

/** Something measured in every run. */
export interface Measure {
  /** Names it in numbers.json and in placeholders. */
  readonly name: string;
  /** Names it in tables and figures. */
  readonly label: string;
  /**
   * `percent`: a fraction that pages show as a percentage; `change`: one that they show with its
   * sign. Default: `number`.
   */
  readonly show?: "number" | "percent" | "change";
  /** Undefined where a run does not have the number. */
  of(
    run: StudyRun,
    context: MeasureContext,
  ): StudyNumber | undefined | Promise<StudyNumber | undefined>;
}

/** A measure of `MEASURES` by its name, or one of the study's own. */
export type MeasureChoice = string | Measure;

/**
 * What an interval says: the whole interval lies below 0, above 0, or includes it. Below three
 * seeds nothing is said.
 */
export type Outcome = "lower" | "higher" | "not shown" | "too few seeds";

/**
 * A comparison whose outcome the page may state: of an arm with another, paired by seed, or with
 * the fixed value `with`.
 */
export interface Comparison {
  readonly measure: string;
  readonly arm: string;
  /** Default: the arm's baseline, unless `with` is given. */
  readonly against?: string;
  readonly with?: number;
  /** What is paired: `value − base` (the default), or the change `value / base − 1`. */
  readonly as?: "difference" | "change";
}

/** A comparison, or a function whose answer is the outcome: `yes`, `no`, the name of an arm. */
export type Verdict = Comparison | ((results: StudyResults) => string);

/** A column of a table: a measure, or how it compares with that of another arm. */
export interface StudyColumn {
  readonly measure: string;
  /** Default: the measure's label, and what it is compared with. */
  readonly head?: string;
  /** Relative change from this arm, paired by seed: `value / base − 1`, in percent. */
  readonly change?: string;
  /** Difference from this arm, paired by seed. */
  readonly difference?: string;
  /** Write the null into each cell in place of the head, where rows differ in it. */
  readonly nullInCells?: boolean;
  /** Arms that have the column; it is empty for others. */
  readonly only?: readonly string[];
}

/** A row of a table: an arm, or the difference of an arm from another. */
export interface StudyRow {
  readonly arm: string;
  readonly title?: string;
  /** The columns' measures are differences from this arm, paired by seed. */
  readonly against?: string;
  /** Texts of further columns in front, see `StudyTable.words`. */
  readonly words?: readonly string[];
}

/** A table of arms and measures. */
export interface StudyTable {
  /** Head of the first column. Default: `arm`. */
  readonly head?: string;
  /** Heads of columns of text behind the first; each row gives its own. */
  readonly words?: readonly string[];
  readonly rows: readonly (string | StudyRow)[];
  readonly columns: readonly (string | StudyColumn)[];
}

/** What an experiment and a benchmark have in common. */
interface StudyWords {
  readonly title: string;
  /** The question, for `concord study list` and for pages without a text of their own. */
  readonly question: string;
}

/** A run that `compute` asks for. */
export interface ComputedRun {
  /** Of the run, below the folder of the study. */
  readonly name: string;
  /** Default: the study's. Relative to the study's folder. */
  readonly config?: string;
  /** `key=value`, after those of the study. */
  readonly settings: readonly string[];
}

/** What `compute` may use. */
export interface ComputeContext {
  /** The arms whose numbers are wanted: all that no `meanOf` makes, or fewer in the quick form. */
  readonly arms: readonly string[];
  readonly backend: Backend;
  /** Milliseconds since any fixed moment. */
  readonly clock: () => number;
  /** The study's inputs, by name. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Says what has been done. */
  readonly told: (what: string) => void;
  /** Where models and texts are kept, and come from. */
  readonly catalogue: CatalogueOptions;
  /** Trains a run under the seed that is computed, or goes on with it; at once if it finished. */
  readonly train: (run: ComputedRun) => Promise<RunFolder>;
  /** Opens the rows of a config, its training rows normalised as it says. */
  readonly open: (run: ComputedRun) => Promise<Source>;
}

/** What one arm showed under one seed. */
export interface ArmNumbers {
  readonly arm: string;
  readonly seed: number;
  readonly numbers: Readonly<Record<string, number>>;
  /** By measure, of those that have one. */
  readonly nulls?: Readonly<Record<string, number>>;
  /** By the names of the study's curves. */
  readonly curves?: Readonly<Record<string, StudyPoints>>;
}

/**
 * The reduced form of a study, for `concord study run --quick`: it takes minutes and shows that the
 * study still runs.
 */
export interface QuickForm {
  /** Default: the first of the study. */
  readonly seeds?: readonly number[];
  /** Default: all. Arms that these name are included: baselines, `computeOf` and `meanOf`. */
  readonly arms?: readonly string[];
  /** `key=value`, which win over those of the arms and of `compute`: a short length, say. */
  readonly settings?: readonly string[];
}

/** A study of arms and seeds. */
export interface Experiment extends StudyWords {
  readonly kind?: "experiment";
  /** Config file, relative to the study's folder. */
  readonly config?: string;
  /**
   * `key=value`, as for `concord run --set`; `{name}` stands for an input of the study.
   */
  readonly settings?: readonly string[];
  /** Paths that the person who runs the study must give, and what each is. */
  readonly inputs?: Readonly<Record<string, string>>;
  readonly seeds: readonly number[];
  /**
   * What a seed is: a run of its own (the default), or a member of the arm's only run. That run
   * then has as many members as there are seeds. They share the rows and their order.
   */
  readonly seedsAre?: "runs" | "members";
  /** By the names that placeholders use; in the order of training and of tables. */
  readonly arms: Readonly<Record<string, Arm>>;
  /** The arm that others are compared with. Default: the first. */
  readonly baseline?: string;
  readonly measures: readonly MeasureChoice[];
  /** What is measured in every run and is not one number; for figures. */
  readonly curves?: readonly StudyCurve[];
  readonly verdicts?: Readonly<Record<string, Verdict>>;
  readonly tables?: Readonly<Record<string, StudyTable>>;
  readonly figures?: Readonly<Record<string, StudyFigure>>;
  /** Texts that follow from the results and are neither a table nor one number. */
  readonly values?: Readonly<Record<string, (results: StudyResults) => string>>;
  /**
   * Computes the numbers of all arms under one seed, where they are not those of runs of a config.
   * A seed that numbers.json has whole is not computed again.
   */
  readonly compute?: (seed: number, context: ComputeContext) => Promise<readonly ArmNumbers[]>;
  readonly quick?: QuickForm;
}

/** A line of a bench, as `bench/` prints it. */
export type BenchRecord = Readonly<Record<string, unknown>>;

/** A table made of a bench's lines. */
export interface BenchTable {
  readonly head: readonly string[];
  /** Columns in front that are text; the rest are numbers. Default: 1. */
  readonly text?: number;
  readonly rows: (lines: readonly BenchRecord[]) => readonly (readonly string[])[];
}

/** A study of times or bytes that a bench has printed: it has lines instead of arms and seeds. */
export interface Benchmark extends StudyWords {
  readonly kind: "benchmark";
  /** The command that prints the lines into numbers.jsonl. */
  readonly command: string;
  readonly tables?: Readonly<Record<string, BenchTable>>;
  readonly values?: Readonly<Record<string, (lines: readonly BenchRecord[]) => string>>;
  readonly verdicts?: Readonly<Record<string, (lines: readonly BenchRecord[]) => string>>;
}

/** What a study file exports as its default. */
export type Study = Experiment | Benchmark;

/** Whether a study is a benchmark. */
export function isBenchmark(study: Study): study is Benchmark {
  return study.kind === "benchmark";
}
