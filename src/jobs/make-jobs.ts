/** @file The jobs of a sweep or a study: one for each run, and one before them that collects. */

import { domainOfConfig } from "../experiments/open-source.ts";
import type { CollectJob, Job, JobBase, JobRun, RunJob, SeedJob } from "./job.ts";

/** What all jobs of a batch have. */
export type JobCommon = Omit<JobBase, "id" | "name">;

/** As long as the largest, so that they are in order by name as well. */
function idOf(index: number, count: number): string {
  return String(index + 1).padStart(Math.max(4, String(count).length), "0");
}

/** Runs whose sources are collected before they are read, one for each source. */
function collected(runs: readonly JobRun[]): JobRun[] {
  const distinct = new Map<string, JobRun>();
  for (const run of runs) {
    const { source } = run.planned.config;
    const key = JSON.stringify([source, run.baseFolder]);
    if (domainOfConfig(run.planned.config).facts && !distinct.has(key)) distinct.set(key, run);
  }
  return [...distinct.values()];
}

/** The job that collects what all others read; none where nothing has to be collected. */
function collectJobs(runs: readonly JobRun[], common: JobCommon): CollectJob[] {
  const own = collected(runs);
  if (own.length === 0) return [];
  return [{ ...common, kind: "collect", id: "collect", name: "collecting activations", runs: own }];
}

/** A job for each run, in their order. */
export function jobsOfRuns(runs: readonly JobRun[], common: JobCommon): Job[] {
  const jobs = runs.map((run, i): RunJob => {
    const { name } = run.planned.config;
    return { ...common, kind: "run", id: idOf(i, runs.length), name, run };
  });
  return [...collectJobs(runs, common), ...jobs];
}

/** A seed of a study that computes its arms together. */
export type PlannedSeed = Pick<SeedJob, "seed" | "study" | "folder">;

/**
 * A job for each seed, in their order.
 *
 * @param runs Of which the sources are collected first: what seeds train is not known before.
 */
export function jobsOfSeeds(
  seeds: readonly PlannedSeed[],
  runs: readonly JobRun[],
  common: JobCommon,
): Job[] {
  const jobs = seeds.map((one, i): SeedJob => {
    const name = `seed ${one.seed}`;
    return { ...common, ...one, kind: "seed", id: idOf(i, seeds.length), name };
  });
  return [...collectJobs(runs, common), ...jobs];
}
