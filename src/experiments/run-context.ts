/** @file What a run is given beside its config, what it tells whoever watches, and its end. */

import type { Backend } from "../backend/backend.ts";
import type { PopulationStep } from "../population/train-population.ts";
import type { Submission } from "../runs/claim.ts";
import type { RunFolder, RunRecord } from "../runs/run-folder.ts";
import type { OpenSourceOptions } from "../sources/source-kind.ts";
import type { FinishedResults } from "./open-run.ts";
import type { RankContext } from "./ranks/ranks.ts";
import type { MemoryLimits } from "./require-memory.ts";

/** What the machine and the moment contribute; nothing else of either reaches a run. */
export interface RunContext extends Omit<OpenSourceOptions, "backend" | "baseFolder"> {
  readonly backend: Backend;
  readonly baseFolder: string;
  /** Milliseconds since any fixed moment. */
  readonly clock: () => number;
  /** The time of day, for run.json only. */
  readonly now: () => Date;
  readonly host: string;
  readonly pid: number;
  readonly versions: Readonly<Record<string, string>>;
  /** The most resident memory of this process since `forgetPeak`, bytes. */
  readonly peakMemory: () => number;
  /** Called as a run begins, so that its peak is not that of the runs before it. */
  readonly forgetPeak?: () => void;
  /**
   * Frees what nothing refers to any more; called between the phases of a run, so that none pays
   * for the one before it.
   */
  readonly collectGarbage?: () => void;
  /**
   * Resident memory of this process now, bytes; with it the run's record says beforehand what the
   * run will take.
   */
  readonly residentMemory?: () => number;
  /**
   * Memory that this machine could still give, bytes; with it a run that needs more says so before
   * it trains.
   */
  readonly availableMemory?: () => number;
  /**
   * What a process may take here; with it a population beyond that is refused before anything is
   * made of it.
   */
  readonly memoryLimits?: () => MemoryLimits;
  /** The other processes that take the training steps together with this one. Default: none. */
  readonly ranks?: RankContext | undefined;
  readonly onEvent?: (event: RunEvent) => void;
  /**
   * Of a process that is a job. Each run's folder is claimed before anything is written there, so
   * that of two processes with the same run the one that began first stops.
   */
  readonly submission?: Submission | undefined;
}

/** What a person watching would like to know. */
export type RunEvent =
  | {
      readonly kind: "opened";
      readonly folder: string;
      readonly totalSteps: number;
      readonly fromStep: number;
      /** Keys of the config that are not what they were: `training.steps 1000 → 2000`. */
      readonly changed: readonly string[];
    }
  | {
      readonly kind: "step";
      readonly step: PopulationStep;
      readonly totalSteps: number;
      readonly batch: number;
    }
  | { readonly kind: "logged"; readonly line: Readonly<Record<string, unknown>> }
  | { readonly kind: "checkpoint"; readonly step: number }
  | { readonly kind: "warning"; readonly message: string }
  /** Of the source: what was left out, and why. */
  | { readonly kind: "notice"; readonly message: string }
  | { readonly kind: "evaluating" }
  /** Pairs of dictionaries that have been compared, and that will have been in the end. */
  | { readonly kind: "comparing"; readonly done: number; readonly total: number }
  /** Rows that latents have been looked at on, and that will have been in the end. */
  | { readonly kind: "looking"; readonly done: number; readonly total: number }
  /** The run was finished before; nothing is done. */
  | { readonly kind: "finished"; readonly folder: string };

/** Where a run that has finished lies, and what it found. */
export interface RunSummary {
  readonly folder: RunFolder;
  readonly results: FinishedResults;
  readonly record: RunRecord;
}
