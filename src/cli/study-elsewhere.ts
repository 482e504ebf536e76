/** @file The runs of a study, or its seeds, as jobs. */

import { join, resolve } from "node:path";
import type { Backend } from "../backend/backend.ts";
import { hasFinished } from "../experiments/open-run.ts";
import type { LoadedStudy } from "../experiments/study/load-study.ts";
import type { PlannedStudyRun } from "../experiments/study/plan-study.ts";
import type { Elsewhere } from "../experiments/study/run-study.ts";
import { isBenchmark } from "../experiments/study/study.ts";
import { readStudyNumbers, type StudyNumbers } from "../experiments/study/study-numbers.ts";
import { batchFolder } from "../jobs/batch.ts";
import type { Job } from "../jobs/job.ts";
import type { LauncherName } from "../jobs/launcher-names.ts";
import { jobsOfRuns, jobsOfSeeds, type PlannedSeed } from "../jobs/make-jobs.ts";
import { seedNumbersFile } from "../jobs/work.ts";
import { type FanOut, failureOf, fanOut, type JobOptions, previewJobs } from "./fan-out.ts";

interface StudyJobs {
  readonly loaded: LoadedStudy;
  /** The study as it was typed. */
  readonly name: string;
  readonly options: JobOptions & {
    readonly on: LauncherName;
    readonly runs: string;
    readonly input: Readonly<Record<string, string>>;
    readonly quick?: boolean;
  };
  readonly backend: Backend;
  readonly signal: AbortSignal;
}

/** Does the work of a study by jobs; `preview` prints them instead. */
export function studyElsewhere({ loaded, name, options, backend, signal }: StudyJobs): Elsewhere & {
  readonly preview: (runs: readonly PlannedStudyRun[]) => Promise<void>;
} {
  const runsFolder = resolve(options.runs);
  const batchName = `study-${loaded.name}`;
  // Runs whose length depends on others are handed out after those.
  let stage = 0;
  const handOut = async (jobs: FanOut["jobs"], isFinished: FanOut["isFinished"]) => {
    const { batch, state } = await fanOut(
      {
        name: `${batchName}${stage++ > 0 ? `-${stage}` : ""}`,
        command: { verb: "study", argument: name, options },
        runsFolder,
        jobs,
        isFinished,
        // A study always goes on with what is there.
        resume: true,
        backend,
        signal,
      },
      options,
    );
    const failure = failureOf(batch, state);
    if (failure) throw failure;
  };
  const seedsOf = (seeds: readonly number[]): PlannedSeed[] =>
    seeds.map((seed) => ({
      seed,
      study: {
        file: loaded.file,
        quick: options.quick === true,
        runs: runsFolder,
        inputs: options.input,
      },
      // A new batch begins without the numbers of the one before it.
      folder: join(batchFolder(runsFolder, batchName), "seeds", `seed=${seed}`),
    }));
  return {
    async train(runs) {
      const finished = new Set<string>();
      for (const { planned } of runs)
        if (await hasFinished(planned.config, true)) finished.add(planned.config.name);
      if (finished.size === runs.length) return;
      await handOut(
        (common) => jobsOfRuns(runs, common),
        async (job: Job) => finished.has(job.name),
      );
    },
    async compute(_, seeds) {
      const planned = seedsOf(seeds);
      if (seeds.length > 0)
        await handOut(
          (common) => jobsOfSeeds(planned, [], common),
          async () => false,
        );
      const numbers = new Map<number, StudyNumbers>();
      for (const { seed, folder } of planned)
        numbers.set(seed, await readStudyNumbers(seedNumbersFile(folder)));
      return numbers;
    },
    async preview(runs) {
      const { study } = loaded;
      const seeds = isBenchmark(study) || study.compute === undefined ? [] : study.seeds;
      await previewJobs(
        {
          name: batchName,
          runsFolder,
          backend,
          jobs: (common) =>
            seeds.length > 0 ? jobsOfSeeds(seedsOf(seeds), [], common) : jobsOfRuns(runs, common),
        },
        options,
      );
    },
  };
}
