/** @file `--on`: the runs of a command as jobs of other processes, watched to their end. */

import { setTimeout as wait } from "node:timers/promises";
import type { Backend } from "../backend/backend.ts";
import { ConcordError } from "../errors.ts";
import {
  type BatchCommand,
  type BatchState,
  batchFolder,
  type JobBatch,
  jobFile,
} from "../jobs/batch.ts";
import type { Job } from "../jobs/job.ts";
import { jobSizes } from "../jobs/job-size.ts";
import type { Handout, Launcher, LauncherMachine } from "../jobs/launcher.ts";
import type { LauncherName } from "../jobs/launcher-names.ts";
import { openLauncher, readClusterFile } from "../jobs/launchers.ts";
import type { JobCommon } from "../jobs/make-jobs.ts";
import { openBatch, withdrawBatch } from "../jobs/open-batch.ts";
import { watchBatch } from "../jobs/watch.ts";
import { BatchLine } from "./batch-line.ts";
import { cacheDir, catalogueOptions, processFacts } from "./environment.ts";
import { bytes, duration, table } from "./output.ts";
import { print, say, warn } from "./print.ts";
import { allowedProcessors } from "./processors.ts";
import { processEnvironment } from "./variables.ts";

/** What the command line says of jobs. */
export interface JobOptions {
  readonly on?: LauncherName;
  readonly jobs?: number;
  readonly retries: number;
  readonly cluster?: string;
  readonly job: readonly string[];
  readonly dryRun?: boolean;
  readonly offline?: boolean;
}

/** What launchers may know of this machine. */
function machineFor(
  { jobs, dryRun }: Pick<JobOptions, "jobs" | "dryRun">,
  backend: Backend,
): LauncherMachine {
  const { host, versions, clock, now, residentMemory, availableMemory, memoryLimits } =
    processFacts();
  const sizing = {
    backend,
    cacheDir: cacheDir(),
    catalogue: catalogueOptions(true),
    clock,
    residentMemory,
    availableMemory: availableMemory(),
    memoryLimits: memoryLimits(),
  };
  return {
    command: [process.execPath, ...process.execArgv, process.argv[1]!],
    env: processEnvironment(),
    host,
    version: versions["concord"]!,
    clock,
    now,
    random: Math.random,
    sleep: (ms) => wait(ms),
    say: (text) => warn(`${text}.`),
    availableMemory,
    processors: allowedProcessors(),
    sizeOf: jobSizes(sizing, dryRun === true),
    jobs,
  };
}

/** The launcher with this name, set as the command line and cluster.yaml say. */
async function launcherFor(
  on: LauncherName,
  { cluster, job }: Pick<JobOptions, "cluster" | "job">,
  machine: LauncherMachine,
): Promise<Launcher> {
  const settings = { file: await readClusterFile(cluster), overrides: job };
  return await openLauncher(on, settings, machine);
}

/** A launcher that only looks at jobs and ends them. */
export async function launcherOfBatch(
  { on, command }: JobBatch,
  backend: Backend,
): Promise<Launcher> {
  const options = command.options as JobOptions;
  return await launcherFor(on as LauncherName, options, machineFor(options, backend));
}

/** What is handed out, by whom, and where it is kept. */
export interface FanOut {
  readonly name: string;
  readonly command: BatchCommand;
  /** Folder of all runs, absolute. */
  readonly runsFolder: string;
  readonly jobs: (common: JobCommon) => readonly Job[];
  readonly isFinished: (job: Job) => Promise<boolean>;
  readonly resume: boolean;
  readonly backend: Backend;
  readonly signal: AbortSignal;
}

/** Prints what would be handed out; nothing is written. */
export async function previewJobs(
  { name, runsFolder, jobs, backend }: Pick<FanOut, "name" | "runsFolder" | "jobs" | "backend">,
  options: JobOptions & { readonly on: LauncherName },
): Promise<void> {
  const machine = machineFor(options, backend);
  const launcher = await launcherFor(options.on, options, machine);
  const place = { token: "dry-run", name, folder: batchFolder(runsFolder, name) };
  const handouts = jobs(commonOf("dry-run", options)).map((job): Handout => {
    return { job, file: jobFile(place.folder, job.id), submission: 1 };
  });
  const rows: string[][] = [];
  for (const { job } of handouts) {
    const { bytes: most, seconds } = (await machine.sizeOf(job)) ?? {};
    const cells = [most && bytes(most), seconds && duration(seconds)];
    rows.push([job.name, ...cells.map((cell) => cell || "unknown")]);
  }
  print(`${table(["job", "memory at most", "training"], rows)}\n\n`);
  print(`${(await launcher.preview(place, handouts)).trimEnd()}\n`);
}

function commonOf(batch: string, options: Pick<JobOptions, "offline">): JobCommon {
  const { offline } = catalogueOptions(options.offline);
  return { batch, cwd: process.cwd(), cacheDir: cacheDir(), offline: offline === true };
}

/**
 * Hands jobs out and waits for them.
 *
 * @returns How each ended.
 * @throws {ConcordError} as the launcher's `check`, `openBatch` and `watchBatch`.
 */
export async function fanOut(
  { name, command, runsFolder, jobs, isFinished, resume, backend, signal }: FanOut,
  options: JobOptions & { readonly on: LauncherName },
): Promise<{ readonly batch: JobBatch; readonly state: BatchState }> {
  const launcher = await launcherFor(options.on, options, machineFor(options, backend));
  const { now, clock } = processFacts();
  const batch = await openBatch({
    name,
    on: options.on,
    command,
    cwd: process.cwd(),
    runsFolder,
    jobs: ({ batch: token }) => jobs(commonOf(token, options)),
    isFinished,
    resume,
    now: now(),
  });
  const line = new BatchLine(process.stderr, clock);
  try {
    await launcher.check(batch).catch(async (error) => {
      await withdrawBatch(batch);
      throw error;
    });
    const state = await watchBatch(batch, {
      launcher,
      retries: options.retries,
      sleep: async (ms, stop) => void (await wait(ms, undefined, stop ? { signal: stop } : {})),
      signal,
      onProgress: (progress) => line.show(progress),
      onNotice(text) {
        line.clear();
        say(`${text}\n`);
      },
    });
    return { batch, state };
  } finally {
    line.clear();
    await launcher.close?.();
  }
}

/** The error of a batch whose jobs have not all finished; undefined when they have. */
export function failureOf({ name, jobs }: JobBatch, state: BatchState): ConcordError | undefined {
  const failed = jobs.filter(({ id }) => state.get(id)?.outcome !== "finished");
  const [first] = failed;
  if (!first) return undefined;
  const { outcome, error } = state.get(first.id) ?? {};
  const why = outcome === "cancelled" ? "it was cancelled" : (error?.message ?? "it is gone");
  return new ConcordError(
    "job/failed",
    `${failed.length} of ${jobs.length} jobs of ${name} have not finished; the first is ${first.name}: ${why}`,
    { hint: error?.hint ?? "The others are finished; the same command with --resume tries again." },
  );
}
