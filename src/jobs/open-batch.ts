/** @file The batch that a command's jobs belong to: a new one, or the one that it continues. */

import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { ConcordError } from "../errors.ts";
import {
  type BatchState,
  batchFolder,
  createBatch,
  hasEnded,
  isCancelled,
  type JobBatch,
  jobFile,
  readBatch,
  readState,
} from "./batch.ts";
import { type Job, jobText, readJob } from "./job.ts";
import type { JobCommon } from "./make-jobs.ts";

/** What a command wants done. */
export interface WantedBatch extends Pick<JobBatch, "name" | "on" | "command" | "cwd"> {
  /** Folder of all runs, absolute. */
  readonly runsFolder: string;
  /** The jobs, once they know the batch that they belong to. */
  readonly jobs: (common: Pick<JobCommon, "batch">) => readonly Job[];
  /** Whether a run has finished already, so that it is not handed out. */
  readonly isFinished: (job: Job) => Promise<boolean>;
  /** Whether a batch of this name may exist that has not ended. */
  readonly resume: boolean;
  readonly now: Date;
}

/** The first job of a batch that is not what it was; undefined when none is. */
async function changedJob(batch: JobBatch, jobs: readonly Job[]): Promise<string | undefined> {
  const known = new Set(batch.jobs.map(({ id }) => id));
  for (const job of jobs) {
    if (!known.delete(job.id)) return job.name;
    if (jobText(await readJob(jobFile(batch.folder, job.id))) !== jobText(job)) return job.name;
  }
  const [left] = known;
  return batch.jobs.find(({ id }) => id === left)?.name;
}

const isUntouched = (state: BatchState) =>
  [...state.values()].every(({ submission }) => submission === 0);

/** Whether all jobs have ended, or none was handed out yet. */
function isIdle(batch: JobBatch, state: BatchState): boolean {
  return hasEnded(batch, state) || isUntouched(state);
}

/** Forgets a batch that a launcher refused. One of which jobs were handed out before stays. */
export async function withdrawBatch({ folder }: JobBatch): Promise<void> {
  if (isUntouched(await readState(folder))) await rm(folder, { recursive: true, force: true });
}

/**
 * Opens the batch of a command. One of the same name that has ended gives way to a new one.
 *
 * @throws {ConcordError} `run/conflict` for one that has not ended, unless it is to be continued
 *   with the same jobs.
 */
export async function openBatch(wanted: WantedBatch): Promise<JobBatch> {
  const { name, on, command, cwd, runsFolder, resume, now } = wanted;
  const folder = batchFolder(runsFolder, name);
  const before = await readBatch(folder);
  const isOver = before && (isCancelled(folder) || isIdle(before, await readState(folder)));
  if (before && !isOver) {
    const conflict = (problem: string, hint: string) =>
      new ConcordError("run/conflict", `${name} has jobs already, on ${before.on}${problem}`, {
        hint: `${hint}, or concord jobs cancel ${name} ends them.`,
      });
    const goOn = `concord jobs watch ${name} goes on with them`;
    if (!resume) throw conflict(".", goOn);
    const changed = await changedJob(before, wanted.jobs({ batch: before.token }));
    if (changed !== undefined)
      throw conflict(`, and ${changed} is not what it was.`, "Undo the change of its config");
    if (before.on !== on) throw conflict(`, not ${on}.`, goOn);
    return before;
  }
  const token = randomUUID();
  const jobs = wanted.jobs({ batch: token });
  const batch: JobBatch = {
    token,
    name,
    folder,
    on,
    createdAt: now.toISOString(),
    command,
    cwd,
    jobs: jobs.map(({ id, name: shown }) => ({ id, name: shown })),
  };
  const state: BatchState = new Map();
  for (const job of jobs)
    if (await wanted.isFinished(job))
      state.set(job.id, { phase: "ended", outcome: "finished", submission: 0, lost: 0 });
  await createBatch(batch, jobs, state);
  return batch;
}
