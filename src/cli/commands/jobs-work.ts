/** @file concord jobs work: does one job, and ends with a code that says how. */

import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { ConcordError, messageOf } from "../../errors.ts";
import { runFolder } from "../../experiments/open-run.ts";
import type { RunEvent } from "../../experiments/run-context.ts";
import { startOf } from "../../formats/processes.ts";
import { type Job, readJob } from "../../jobs/job.ts";
import { type JobStatus, statusPause, writeStatus } from "../../jobs/job-status.ts";
import { OUTCOME_EXIT_CODES, type Outcome, outcomeOfError } from "../../jobs/outcome.ts";
import { openJobStore } from "../../jobs/store/job-store.ts";
import { workOn } from "../../jobs/work.ts";
import { shareCache } from "../../sources/shards/shared-store.ts";
import {
  backendFor,
  catalogueOptions,
  interruptSignal,
  processFacts,
  timing,
} from "../environment.ts";
import { failureText } from "../exit.ts";
import { say, warn } from "../print.ts";
import { processEnvironment } from "../variables.ts";
import { reportFailure, reportRun } from "../write-reports.ts";

interface Options {
  readonly submission: number;
  readonly status?: string;
  readonly store?: string;
}

/** The config whose backend a job has. */
function firstConfig(job: Job) {
  if (job.kind === "run") return job.run.planned.config;
  return job.kind === "collect" ? job.runs[0]?.planned.config : undefined;
}

/** Keeps the status file of a job up to date. */
function statusWriter(path: string | undefined, submission: number) {
  const { host, pid, now, clock } = processFacts();
  const base = { submission, host, pid, started: startOf(pid) };
  const begun = clock();
  let next = begun;
  let steps: Pick<JobStatus, "step" | "totalSteps"> = {};
  let writing = Promise.resolve();
  const write = async (rest: Pick<JobStatus, "state" | "error">): Promise<void> => {
    if (path === undefined) return;
    const status: JobStatus = { ...base, ...rest, ...steps, at: now().toISOString() };
    // A status that cannot be written ends no job.
    writing = writing.then(() => writeStatus(path, status)).catch(() => undefined);
    await writing;
  };
  return {
    write,
    onEvent(event: RunEvent): void {
      if (event.kind === "opened") steps = { step: event.fromStep, totalSteps: event.totalSteps };
      else if (event.kind === "step")
        steps = { step: event.step.step + 1, totalSteps: event.totalSteps };
      if (clock() < next) return;
      next = clock() + statusPause(clock() - begun);
      void write({ state: "running" });
    },
  };
}

/** A worker that is killed cannot tell its job to stop; the channel between them breaks. */
function stopWithParent(): void {
  if (!process.channel) return;
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  // The channel alone keeps no process alive.
  process.channel.unref();
}

/** The cache, filled by an object store where it lacks activations. */
async function sharedCache(location: string, signal: AbortSignal) {
  const { host, pid } = processFacts();
  const store = await openJobStore(location, processEnvironment(), { timing: timing(), signal });
  return shareCache(store, `${host} ${pid}`, signal);
}

export async function work(file: string, options: Options): Promise<void> {
  const path = resolve(file);
  const job = await readJob(path);
  const beside = join(dirname(path), "..", "status");
  const own = options.status ? resolve(options.status) : join(beside, basename(path));
  const status = statusWriter(existsSync(dirname(own)) ? own : undefined, options.submission);
  await status.write({ state: "running" });
  let outcome: Outcome = "finished";
  let error: JobStatus["error"];
  try {
    process.chdir(job.cwd);
    const signal = interruptSignal(true);
    stopWithParent();
    const cache = options.store ? await sharedCache(options.store, signal) : undefined;
    const { backend, fallbackReason } = backendFor(firstConfig(job)?.backend);
    if (fallbackReason) warn(`running on the slow reference backend: ${fallbackReason}`);
    const { cacheDir, offline } = job;
    await workOn(job, {
      context: {
        ...processFacts(),
        backend,
        cacheDir,
        signal,
        catalogue: { ...catalogueOptions(offline, undefined, signal), cacheDir },
        onEvent(event) {
          if (event.kind === "warning") warn(event.message);
          status.onEvent(event);
        },
      },
      submission: options.submission,
      onTrained: async (folder) => void (await reportRun(folder)),
      told: (what) => say(`${what}\n`),
    });
    if (job.kind === "collect") await cache?.send();
  } catch (thrown) {
    outcome = outcomeOfError(thrown);
    const known = thrown instanceof ConcordError ? thrown : undefined;
    error = { code: known?.code ?? "unexpected", message: messageOf(thrown), hint: known?.hint };
    say(`${failureText(thrown, false)}\n`);
    if (job.kind === "run") await reportFailure(runFolder(job.run.planned.config), thrown);
  }
  // What a later submission says of itself is not to be written over.
  if (outcome !== "superseded") await status.write({ state: outcome, error });
  process.exitCode = OUTCOME_EXIT_CODES[outcome];
}
