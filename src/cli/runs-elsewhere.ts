/** @file Runs that were trained by jobs, for the command that goes on with them. */

import { existsSync } from "node:fs";
import { ConcordError } from "../errors.ts";
import { hasFinished } from "../experiments/open-run.ts";
import type { Job, JobRun } from "../jobs/job.ts";
import type { LauncherName } from "../jobs/launcher-names.ts";
import { type JobCommon, jobsOfRuns } from "../jobs/make-jobs.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import { type FanOut, fanOut, type JobOptions, previewJobs } from "./fan-out.ts";

/** Runs to be trained by jobs. */
export interface RunsElsewhere extends Omit<FanOut, "jobs" | "isFinished"> {
  readonly runs: readonly JobRun[];
}

type Options = JobOptions & { readonly on: LauncherName };

const jobsOf =
  ({ runs }: RunsElsewhere) =>
  (common: JobCommon) =>
    jobsOfRuns(runs, common);

/** Prints what would be handed out. */
export async function previewRuns(work: RunsElsewhere, options: Options): Promise<void> {
  await previewJobs({ ...work, jobs: jobsOf(work) }, options);
}

/** What became of runs that were handed out. */
export interface RanElsewhere {
  /** @throws {ConcordError} what ended the run of this name, unless it has finished. */
  readonly requireFinished: (name: string) => void;
  /** The report that the job wrote; undefined when it wrote none. */
  readonly reportOf: (folder: RunFolder) => string | undefined;
}

/** Trains runs by jobs. @throws {ConcordError} as `fanOut`, and when nobody could collect. */
export async function runElsewhere(work: RunsElsewhere, options: Options): Promise<RanElsewhere> {
  // Those that must not exist are found before anything is handed out.
  const finished = new Set<string>();
  for (const { planned } of work.runs)
    if (await hasFinished(planned.config, work.resume)) finished.add(planned.config.name);
  const { batch, state } = await fanOut(
    {
      ...work,
      jobs: jobsOf(work),
      isFinished: async (job: Job) =>
        job.kind === "collect" ? finished.size === work.runs.length : finished.has(job.name),
    },
    options,
  );
  const ids = new Map(batch.jobs.map(({ id, name }) => [name, id]));
  return {
    requireFinished(name) {
      const found = state.get(ids.get(name)!);
      if (found?.outcome === "finished") return;
      const { code, message, hint } = found?.error ?? {};
      // What a run itself says is said as if it had run here.
      const own = code === "numeric/not-finite" ? code : "job/failed";
      throw new ConcordError(own, message ?? "its job was cancelled", {
        hint: hint ?? "The same command with --resume tries again.",
      });
    },
    reportOf(folder) {
      const path = folder.file("report.html");
      return existsSync(path) ? path : undefined;
    },
  };
}
