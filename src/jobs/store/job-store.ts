/**
 * @file Jobs without a shared file system. What a job needs is in an object store. Each machine has
 *   a folder of its own, and relative paths lead to the same things below it.
 */

import { createHash } from "node:crypto";
import { isAbsolute, join, normalize, resolve } from "node:path";
import { ConfigError } from "../../errors.ts";
import { type ObjectStore, openObjectStore } from "../../fetch/objects/object-store.ts";
import type { Timing } from "../../fetch/options.ts";
import { S3Bucket } from "../../fetch/s3/bucket.ts";
import { accountFrom, parseS3Location } from "../../fetch/s3/location.ts";
import { writeFileAtomically } from "../../formats/atomic-file.ts";
import { makeFolder } from "../../formats/make-folder.ts";
import { pullShards, pushShards } from "../../sources/shards/shared-store.ts";
import { jobFile, logsFolder, MARKER } from "../batch.ts";
import { type Job, type JobRun, jobText, parseJob } from "../job.ts";

/**
 * Opens a store and tries it.
 *
 * @param text `s3://bucket/prefix`.
 * @param env  Has the account (`AWS_ACCESS_KEY_ID` and others).
 * @throws {ConfigError} for an address or account that is incomplete; {ConcordError} as
 *   `openObjectStore`.
 */
export async function openJobStore(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
  options: { readonly timing: Timing; readonly signal?: AbortSignal | undefined },
): Promise<ObjectStore> {
  const account = accountFrom((name) => env[name] || undefined);
  const { timing, signal } = options;
  const bucket = await S3Bucket.open(parseS3Location(text), account, {
    timing,
    ...(signal && { signal }),
  });
  return await openObjectStore(bucket);
}

/** An activation store that a job reads from its base folder. */
export interface JobInput {
  /** Relative to the base folder. */
  readonly path: string;
  /** The store's content name. */
  readonly content: string;
}

/** A relative path that stays where it starts. */
function requireInside(key: string, path: string): string {
  const plain = normalize(path);
  if (!isAbsolute(plain) && !plain.startsWith("..")) return plain;
  throw new ConfigError(
    `Expected a relative path for ${key} with an object store but received ${path}.`,
    { hint: "Each machine has folders of its own: give a path below the config's folder." },
  );
}

/** Folders of SAEs are not sent. */
function requireAbsolute(key: string, path: string): void {
  if (isAbsolute(path)) return;
  throw new ConfigError(
    `Expected an absolute path for ${key} with an object store but received ${path}.`,
    { hint: "SAEs are not sent: put them on each machine, under the same path." },
  );
}

/**
 * Sends what a job reads.
 *
 * @throws {ConfigError} for a job that only a shared folder can serve, naming the key.
 */
export async function sendInputs(
  store: ObjectStore,
  job: Job,
  writer: string,
): Promise<JobInput[]> {
  if (job.kind === "seed")
    throw new ConfigError("A study that computes its arms together needs a shared folder.", {
      hint: "Leave the store out, and share the folder of runs.",
    });
  if (job.kind === "collect") return [];
  const { planned, baseFolder } = job.run;
  requireInside("runs_folder", planned.config.runsFolder);
  const { source, population } = planned.config;
  for (const path of source.residualOf ?? []) requireAbsolute("source.residual_of", path);
  for (const path of [population.init_from].flat())
    if (typeof path === "string") requireAbsolute("population.init_from", path);
  if (source.kind !== "shards" || !("path" in source)) return [];
  const path = requireInside("source.path", String(source.path));
  return [{ path, content: await pushShards(store, resolve(baseFolder, path), writer) }];
}

/** A job as it lies on a worker's disk. */
export interface PlacedJob {
  readonly job: Job;
  /** The folder of its batch. */
  readonly folder: string;
  readonly file: string;
}

/**
 * Places a job below a worker's own folder: its description, and what it reads.
 *
 * @param root Folder of the worker; holds one folder per batch, and a cache.
 * @throws {ConfigError} for paths that would lie elsewhere; {ConcordError} as `pullShards`.
 */
export async function placeJob(
  store: ObjectStore,
  root: string,
  { batch, text, inputs }: { batch: string; text: string; inputs: readonly JobInput[] },
  signal: AbortSignal,
): Promise<PlacedJob> {
  const cwd = join(root, batch);
  const folder = join(cwd, ".jobs");
  for (const name of ["jobs", "status"]) await makeFolder(join(folder, name));
  await makeFolder(logsFolder(folder));
  await writeFileAtomically(join(folder, MARKER), batch);
  const there = parseJob(text, "the job in the queue");
  const cacheDir = join(root, "cache");
  const base = (original: string) =>
    join(cwd, "base", createHash("sha256").update(original).digest("hex").slice(0, 16));
  const moved = ({ planned, baseFolder }: JobRun): JobRun => ({
    planned,
    baseFolder: base(baseFolder),
  });
  let job: Job = { ...there, cwd, cacheDir };
  if (job.kind === "run") job = { ...job, run: moved(job.run) };
  if (job.kind === "collect") job = { ...job, runs: job.runs.map(moved) };
  if (job.kind === "run") {
    // A queue may hold what no Concord checked.
    requireInside("runs_folder", job.run.planned.config.runsFolder);
    for (const { path, content } of inputs) {
      const own = join(job.run.baseFolder, requireInside("source.path", path));
      await pullShards(store, content, own, signal);
    }
  }
  const file = jobFile(folder, job.id);
  await writeFileAtomically(file, jobText(job));
  return { job, folder, file };
}
