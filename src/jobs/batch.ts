/**
 * @file The jobs that were planned together, and what became of them: a folder that outlives
 *   whoever watches them.
 *
 *   <runs folder>/.jobs/<name>/
 *     batch.json           what was typed, where jobs run, their names: written once
 *     state.json           how often each was handed out, and how it ended
 *     marker               its token, by which a machine knows that it sees this folder
 *     cancel               there once somebody wants its jobs to end
 *     jobs/<id>.json       what each job is
 *     status/<id>.json     what each last said of itself
 *     logs/                what their processes printed
 */

import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { FormatError, messageOf } from "../errors.ts";
import { writeFileAtomically } from "../formats/atomic-file.ts";
import { ioError } from "../formats/io-error.ts";
import { makeFolder } from "../formats/make-folder.ts";
import { readText } from "../formats/read-text.ts";
import { type Job, writeJob } from "./job.ts";

/** Of the folder of runs: holds the folders of batches. */
const JOBS_FOLDER = ".jobs";

const BATCH = "batch.json";
const STATE = "state.json";
/** Holds the token; who does not find it does not see the folder. */
export const MARKER = "marker";
/** Asks whoever watches the batch to end its jobs. */
const CANCEL = "cancel";

const description = z.object({
  format: z.literal(1),
  token: z.string(),
  name: z.string(),
  /** The name of the launcher. */
  on: z.string(),
  created_at: z.string(),
  /** What was typed, to be done again once the jobs have ended. */
  command: z.object({ verb: z.string(), argument: z.string(), options: z.unknown() }),
  cwd: z.string(),
  jobs: z.array(z.object({ id: z.string(), name: z.string() })),
});

/** The command that made a batch. */
export interface BatchCommand {
  readonly verb: string;
  readonly argument: string;
  /** As the command line parsed them; plain JSON. */
  readonly options: unknown;
}

/** What a batch is, without how far it has come. */
export interface JobBatch {
  readonly token: string;
  readonly name: string;
  readonly folder: string;
  readonly on: string;
  readonly createdAt: string;
  readonly command: BatchCommand;
  readonly cwd: string;
  readonly jobs: readonly { readonly id: string; readonly name: string }[];
}

const jobState = z.object({
  /**
   * `waiting` to be handed out; `leaving`: about to be, and perhaps handed out already; `out`;
   * `ended`, with an outcome.
   */
  phase: z.enum(["waiting", "leaving", "out", "ended"]),
  /** How often it was handed out. */
  submission: z.number(),
  /** What the launcher calls it while it is out. */
  handle: z.string().optional(),
  /** Submissions that came to nothing. */
  lost: z.number(),
  /** The step that it was at when it was last handed out. */
  step: z.number().optional(),
  outcome: z.enum(["finished", "failed", "cancelled"]).optional(),
  error: z
    .object({ code: z.string(), message: z.string(), hint: z.string().optional() })
    .optional(),
});

/** What became of a job so far. */
export type JobState = z.infer<typeof jobState>;

const stateFile = z.object({ format: z.literal(1), jobs: z.record(z.string(), jobState) });

/** By the ids of jobs. */
export type BatchState = Map<string, JobState>;

export const jobFile = (folder: string, id: string) => join(folder, "jobs", `${id}.json`);
export const statusFile = (folder: string, id: string) => join(folder, "status", `${id}.json`);
export const logsFolder = (folder: string) => join(folder, "logs");

/** The folder of the batch with this name. */
export function batchFolder(runsFolder: string, name: string): string {
  return join(runsFolder, JOBS_FOLDER, name.replaceAll("/", "+"));
}

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const text = await readText(path);
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const problem = error instanceof z.ZodError ? error.issues[0]!.message : messageOf(error);
    throw new FormatError(path, `not what Concord writes there: ${problem}`, {
      hint: "If no job of it runs any more, remove its folder. Runs keep what they have.",
    });
  }
}

/** Writes a new batch with its jobs. What was in the folder goes. */
export async function createBatch(
  batch: JobBatch,
  jobs: readonly Job[],
  state: BatchState,
): Promise<void> {
  const { folder, token, name, on, createdAt, command, cwd } = batch;
  await rm(folder, { recursive: true, force: true });
  for (const inner of ["jobs", "status", "logs"]) await makeFolder(join(folder, inner));
  for (const job of jobs) await writeJob(jobFile(folder, job.id), job);
  await writeFileAtomically(join(folder, MARKER), token);
  await writeState(folder, state);
  const file: z.infer<typeof description> = {
    format: 1,
    token,
    name,
    on,
    created_at: createdAt,
    command,
    cwd,
    jobs: batch.jobs.map(({ id, name: shown }) => ({ id, name: shown })),
  };
  // Last: without it there is no batch.
  await writeFileAtomically(join(folder, BATCH), `${JSON.stringify(file, null, 2)}\n`);
}

/** Reads a batch; undefined when the folder holds none. @throws {FormatError}. */
export async function readBatch(folder: string): Promise<JobBatch | undefined> {
  const path = join(folder, BATCH);
  if (!existsSync(path)) return undefined;
  const { format: _, created_at, command, ...rest } = await readJson(path, description);
  const { verb, argument, options } = command;
  return { ...rest, folder, createdAt: created_at, command: { verb, argument, options } };
}

export async function readState(folder: string): Promise<BatchState> {
  const { jobs } = await readJson(join(folder, STATE), stateFile);
  return new Map(Object.entries(jobs));
}

export async function writeState(folder: string, state: BatchState): Promise<void> {
  const file: z.infer<typeof stateFile> = { format: 1, jobs: Object.fromEntries(state) };
  await writeFileAtomically(join(folder, STATE), `${JSON.stringify(file)}\n`);
}

/** Whether all jobs have ended. */
export function hasEnded({ jobs }: Pick<JobBatch, "jobs">, state: BatchState): boolean {
  return jobs.every(({ id }) => state.get(id)?.phase === "ended");
}

/** Asks for the end of all jobs of a batch. */
export async function requestCancel(folder: string): Promise<void> {
  await writeFileAtomically(join(folder, CANCEL), "");
}

/** Whether somebody has asked for the end of all jobs. */
export function isCancelled(folder: string): boolean {
  return existsSync(join(folder, CANCEL));
}

/** The batches of a folder of runs, by name. @throws {ConcordError} `file/io`. */
export async function listBatches(runsFolder: string): Promise<JobBatch[]> {
  const root = join(runsFolder, JOBS_FOLDER);
  if (!existsSync(root)) return [];
  const names = await readdir(root).catch((error: unknown) => {
    throw ioError(error, "list", root);
  });
  const found: JobBatch[] = [];
  for (const name of names.toSorted()) {
    const batch = await readBatch(join(root, basename(name)));
    if (batch) found.push(batch);
  }
  return found;
}
