/**
 * @file A job: one piece of work that any machine can do which sees the same folders. A small JSON
 *   file describes it. Its results are in the folder of its run, and nowhere else.
 */

import { z } from "zod";
import type { PlannedRun } from "../config/load-config.ts";
import { configOfFile, configSchema, fileOfConfig } from "../config/schema.ts";
import { FormatError, messageOf } from "../errors.ts";
import { writeFileAtomically } from "../formats/atomic-file.ts";
import { issueText } from "../formats/issue-text.ts";
import { readText } from "../formats/read-text.ts";

const planned = z.strictObject({
  /** The config of one run, every default filled in, as its config.yaml has it. */
  config: z.unknown(),
  /** What relative paths of the config start from; absolute. */
  base_folder: z.string(),
});

const common = {
  format: z.literal(1),
  /** Unique within the batch; a file name without its ending. */
  id: z.string().regex(/^[\w.-]+$/),
  /** The token of the batch that it belongs to. */
  batch: z.string(),
  /** What a person calls it. */
  name: z.string(),
  /** The folder to work in: relative paths of configs, such as `runs_folder`, start here. */
  cwd: z.string(),
  cache_dir: z.string(),
  offline: z.boolean(),
};

const schema = z.discriminatedUnion("kind", [
  /** Trains one run, or goes on with it. */
  z.strictObject({ ...common, kind: z.literal("run"), run: planned }),
  /** Computes one seed of a study that computes its arms together. */
  z.strictObject({
    ...common,
    kind: z.literal("seed"),
    seed: z.number().int(),
    study: z.strictObject({
      file: z.string(),
      quick: z.boolean(),
      runs: z.string(),
      inputs: z.record(z.string(), z.string()),
    }),
    /** Where the numbers of the seed are written: `<folder>/rows.json`. */
    folder: z.string(),
  }),
  /** Collects the activations of all these configs into the cache, once for all jobs. */
  z.strictObject({ ...common, kind: z.literal("collect"), runs: z.array(planned) }),
]);

export type JobFile = z.infer<typeof schema>;

/** The config of one run, and what its relative paths start from. */
export interface JobRun {
  readonly planned: PlannedRun;
  readonly baseFolder: string;
}

/** What all jobs have. */
export interface JobBase {
  readonly id: string;
  readonly batch: string;
  readonly name: string;
  readonly cwd: string;
  readonly cacheDir: string;
  readonly offline: boolean;
}

/** Trains one run, or goes on with it. */
export interface RunJob extends JobBase {
  readonly kind: "run";
  readonly run: JobRun;
}

/** Computes one seed of a study that computes its arms together. */
export interface SeedJob extends JobBase {
  readonly kind: "seed";
  readonly seed: number;
  readonly study: {
    readonly file: string;
    readonly quick: boolean;
    readonly runs: string;
    readonly inputs: Readonly<Record<string, string>>;
  };
  readonly folder: string;
}

/** Collects activations into the cache, once for all jobs. */
export interface CollectJob extends JobBase {
  readonly kind: "collect";
  readonly runs: readonly JobRun[];
}

/** One piece of work for any process that sees its folders. */
export type Job = RunJob | SeedJob | CollectJob;

const fileOfRun = ({ planned: { config }, baseFolder }: JobRun) => ({
  config: fileOfConfig(config),
  base_folder: baseFolder,
});

function runOfFile({ config, base_folder }: z.infer<typeof planned>, where: string): JobRun {
  const parsed = configSchema.safeParse(config, { error: issueText });
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new FormatError(where, `config.${path.map(String).join(".")}: ${message}.`);
  }
  return { planned: { config: configOfFile(parsed.data), axes: {} }, baseFolder: base_folder };
}

/** The text of a job's file. */
export function jobText(job: Job): string {
  const { id, batch, name, cwd, cacheDir, offline } = job;
  const base = { format: 1 as const, id, batch, name, cwd, cache_dir: cacheDir, offline };
  const file = (): JobFile => {
    if (job.kind === "run") return { ...base, kind: "run", run: fileOfRun(job.run) };
    if (job.kind === "collect") return { ...base, kind: "collect", runs: job.runs.map(fileOfRun) };
    const { seed, study, folder } = job;
    const { file: path, quick, runs, inputs } = study;
    const own = { file: path, quick, runs, inputs: { ...inputs } };
    return { ...base, kind: "seed", seed, study: own, folder };
  };
  return `${JSON.stringify(file(), null, 2)}\n`;
}

export async function writeJob(path: string, job: Job): Promise<void> {
  await writeFileAtomically(path, jobText(job));
}

/**
 * The job that a text describes.
 *
 * @param where Names the file in messages.
 * @throws {FormatError} naming the key that is missing or something else.
 */
export function parseJob(text: string, where: string): Job {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FormatError(where, `not JSON: ${messageOf(error)}`);
  }
  const parsed = schema.safeParse(value, { error: issueText });
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new FormatError(where, `${path.map(String).join(".") || "the job"}: ${message}.`);
  }
  const { format: _, cache_dir: cacheDir, ...rest } = parsed.data;
  const all = { ...rest, cacheDir };
  if (all.kind === "run") return { ...all, run: runOfFile(all.run, where) };
  if (all.kind === "collect") return { ...all, runs: all.runs.map((run) => runOfFile(run, where)) };
  return all;
}

/** Reads a job's file. @throws {ConcordError} `file/missing`, {FormatError}. */
export async function readJob(path: string): Promise<Job> {
  return parseJob(await readText(path), path);
}
