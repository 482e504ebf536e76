/** @file Does one job in this process: the same for every launcher. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { openSource } from "../experiments/open-source.ts";
import type { RunContext } from "../experiments/run-context.ts";
import { loadStudy } from "../experiments/study/load-study.ts";
import { quickStudy } from "../experiments/study/quick-study.ts";
import { computeSeed } from "../experiments/study/run-study.ts";
import { NUMBERS_FILE } from "../experiments/study/study.ts";
import { writeStudyNumbers } from "../experiments/study/study-numbers.ts";
import { trainRun } from "../experiments/train-run.ts";
import { claimFolder, type Submission } from "../runs/claim.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import type { CollectJob, Job, RunJob, SeedJob } from "./job.ts";

/** What a job needs of the machine that does it. */
export interface WorkContext {
  readonly context: Omit<RunContext, "baseFolder" | "submission">;
  /** How often the job was handed out, from 1. */
  readonly submission: number;
  /** After a run was trained, or was found to be finished. */
  readonly onTrained: (folder: RunFolder) => Promise<void>;
  /** Says what a study has computed. */
  readonly told: (what: string) => void;
}

/** Where the numbers of one seed are, in the folder of its job. */
export const seedNumbersFile = (folder: string) => join(folder, NUMBERS_FILE);

async function train({ run }: RunJob, submission: Submission, work: WorkContext): Promise<void> {
  const { planned, baseFolder } = run;
  const { folder } = await trainRun(planned, { ...work.context, baseFolder, submission }, true);
  await work.onTrained(folder);
}

async function compute(job: SeedJob, submission: Submission, work: WorkContext): Promise<void> {
  const { seed, folder, study } = job;
  const claim = await claimFolder(folder, submission, work.context);
  try {
    if (existsSync(seedNumbersFile(folder))) return;
    const whole = await loadStudy(study.file);
    const loaded = study.quick ? quickStudy(whole, study.runs) : whole;
    const numbers = await computeSeed(loaded, seed, {
      runs: study.runs,
      inputs: study.inputs,
      context: { ...work.context, submission },
      told: work.told,
    });
    await writeStudyNumbers(seedNumbersFile(folder), numbers);
  } finally {
    claim.release();
  }
}

/** What is collected lies in the cache; who opens the same source later finds it there. */
async function collect({ runs }: CollectJob, { context }: WorkContext): Promise<void> {
  for (const { planned, baseFolder } of runs) {
    const source = await openSource(planned.config, { ...context, baseFolder });
    await source.close();
  }
}

/**
 * Does a job, or goes on with it where another process stopped: the bytes are the same.
 *
 * @throws {ConcordError} `run/superseded` when a later submission of it has begun; "interrupted"
 *   after the signal of the context; errors of the source, of training, of the study.
 */
export async function workOn(job: Job, work: WorkContext): Promise<void> {
  const submission = { batch: job.batch, number: work.submission };
  if (job.kind === "run") return await train(job, submission, work);
  if (job.kind === "seed") return await compute(job, submission, work);
  await collect(job, work);
}
