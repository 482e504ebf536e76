/**
 * @file What starts jobs: processes of this machine, a cluster's scheduler, a queue. Each is one
 *   implementation of this contract, and `launchers.ts` lists them.
 */

import type { z } from "zod";
import type { Job } from "./job.ts";
import type { JobStatus } from "./job-status.ts";

/** A job that is handed out. */
export interface Handout {
  readonly job: Job;
  /** The job's file, absolute. */
  readonly file: string;
  /** Counts how often it was handed out, from 1. A later one supersedes all before it. */
  readonly submission: number;
}

/** A job that was handed out before, perhaps by another watcher. */
export interface HandedOut extends Handout {
  /** What the launcher called it. */
  readonly handle: string;
}

/** Where a job stands. */
export interface Polled {
  /** `ended`: nothing works on it any more, nor will. */
  readonly state: "waiting" | "running" | "ended";
  /** What this submission of it last said of itself; undefined when it said nothing. */
  readonly status?: JobStatus | undefined;
  /** Why it ended, as far as the launcher knows: "out of memory", "node n2 failed". */
  readonly reason?: string | undefined;
  /** Whether it would end like that again, so that it is not handed out again. */
  readonly isLasting?: boolean | undefined;
}

/** The jobs that were planned together, as a launcher sees them. */
export interface BatchPlace {
  /** Unique for all time. */
  readonly token: string;
  /** What a person calls it: `grid`. */
  readonly name: string;
  /** Its folder, absolute; everybody who works on its jobs sees it. */
  readonly folder: string;
}

/** What one job takes, by `concord plan`. */
export interface JobSize {
  /** The most memory, bytes. */
  readonly bytes: number;
  /** Training, without what precedes and follows; undefined when it was not measured. */
  readonly seconds?: number | undefined;
}

/** Hands jobs out, and knows what became of them. */
export interface Launcher {
  /** How long to wait between two looks at the jobs. */
  readonly pollMs: number;
  /**
   * Finds out whether jobs could run, before any is handed out.
   *
   * @throws {ConcordError} in one line: a program or service is not there, a partition or
   *   credentials are refused, folders are not seen, clocks are apart.
   */
  check(place: BatchPlace): Promise<void>;
  /** What would be handed out, in words and scripts; nothing is. */
  preview(place: BatchPlace, jobs: readonly Handout[]): Promise<string>;
  /**
   * Hands jobs out. Called again after a watcher died in it, it finds what it handed out already.
   *
   * @returns Its own name of each job that it took, by id. Others are handed out again later.
   * @throws {ConcordError} when it takes none.
   */
  submit(place: BatchPlace, jobs: readonly Handout[]): Promise<ReadonlyMap<string, string>>;
  /** Where jobs stand, by id. */
  poll(place: BatchPlace, jobs: readonly HandedOut[]): Promise<ReadonlyMap<string, Polled>>;
  /** Takes jobs back: those that wait never begin, those that run stop. */
  cancel(place: BatchPlace, jobs: readonly HandedOut[]): Promise<void>;
  /** The watcher goes. @returns Whether jobs go on; those that cannot are interrupted. */
  leave(): Promise<boolean>;
  /** Called at the very end, whatever it was: closes connections. */
  close?(): Promise<void>;
}

/** What launchers need of the machine that the watcher is on. */
export interface LauncherMachine {
  /** How Concord is started on this machine: Node, its options, the program. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly host: string;
  /** Of Concord. */
  readonly version: string;
  readonly clock: () => number;
  readonly now: () => Date;
  /** Uniform in [0, 1): spreads retries of many machines over time. */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Says something in one line. */
  readonly say: (text: string) => void;
  /** Memory that could still be given, bytes. */
  readonly availableMemory: () => number;
  /** Processors that may be used, by number; undefined where the system does not say. */
  readonly processors: readonly number[];
  /**
   * What a job takes, by `concord plan`; undefined for a study that computes its arms itself. Jobs
   * that take the same are planned once.
   */
  readonly sizeOf: (job: Job) => Promise<JobSize | undefined>;
  /** Jobs at a time, of `--jobs`; undefined: as many as there is room for. */
  readonly jobs: number | undefined;
}

/** A kind of launcher; `S` is what its schema makes of its section of cluster.yaml. */
export interface LauncherKind<S = unknown> {
  /** As `--on` has it, and the name of its section in cluster.yaml. */
  readonly name: string;
  /** Its keys, each with a description, in snake_case. */
  readonly schema: z.ZodType<S>;
  open(settings: S, machine: LauncherMachine): Promise<Launcher>;
}
