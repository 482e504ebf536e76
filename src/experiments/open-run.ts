/** @file The folder of a run about to start: a new one, or the one that it goes on with, when that is the same run. */

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { parse, stringify } from "yaml";
import type { Backend } from "../backend/backend.ts";
import { type Config, configSchema } from "../config/schema.ts";
import { ConcordError } from "../errors.ts";
import { ioError } from "../formats/io-error.ts";
import { snakeKeys } from "../formats/key-case.ts";
import { takeWriterLock, type WriterLock } from "../formats/writer-lock.ts";
import {
  type ConsistencyResult,
  type EvaluationResult,
  readConsistency,
  readEvaluation,
} from "../runs/results.ts";
import { RunFolder, type RunRecord } from "../runs/run-folder.ts";
import { LOGS } from "../runs/run-log.ts";
import { saeFiles } from "../sae/saelens.ts";

/** The per-latent numbers of a run, below results/. */
export const LATENTS = "latents.safetensors";

/** A run that is this process's to write, or one that has finished. */
export interface OpenedRun {
  readonly folder: RunFolder;
  readonly record: RunRecord;
  /** Undefined for a run that has finished, of which nothing is written. */
  readonly lock: WriterLock | undefined;
  /** What a finished run found. */
  readonly results: FinishedResults | undefined;
}

/** What the results/ folder of a finished run holds. */
export interface FinishedResults {
  readonly evaluation: EvaluationResult;
  readonly consistency: ConsistencyResult;
}

/** The folder that a config's run is, whether it exists yet or not. */
export function runFolder(config: Pick<Config, "runs_folder" | "name">): RunFolder {
  return new RunFolder(`${config.runs_folder}/${config.name}`);
}

/** The config as it is kept with the run: every default filled in. */
function resolvedConfig(config: Config): string {
  return stringify(config, { sortMapEntries: false });
}

/** `coupling.weight is 0 there and 1 here`, for every key in which two plain values differ. */
function differences(there: unknown, here: unknown, path = ""): string[] {
  const isObject = (value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject(there) || !isObject(here)) {
    const [a, b] = [JSON.stringify(there) ?? "not set", JSON.stringify(here) ?? "not set"];
    return a === b ? [] : [`${path} is ${a} there and ${b} here`];
  }
  const [a, b] = [there, here] as [Record<string, unknown>, Record<string, unknown>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
    differences(a[key], b[key], path === "" ? key : `${path}.${key}`),
  );
}

/** A kept config with the defaults of keys that are newer than it. */
async function keptConfig(folder: RunFolder): Promise<unknown> {
  const path = folder.file("config.yaml");
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw ioError(error, "read", path);
  }
  let kept: unknown;
  try {
    kept = parse(text);
  } catch {
    return text;
  }
  const parsed = configSchema.safeParse(kept);
  return parse(parsed.success ? resolvedConfig(parsed.data) : text);
}

async function requireSameConfig(folder: RunFolder, text: string): Promise<void> {
  const changed = differences(await keptConfig(folder), parse(text));
  if (changed.length === 0) return;
  const shown = changed.slice(0, 3).join("; ");
  const more = changed.length > 3 ? `; and ${changed.length - 3} more` : "";
  throw new ConcordError(
    "run/conflict",
    `The run ${folder.path} was started with another config.`,
    { hint: `${shown}${more}. Go on with the config it has, or give another --name.` },
  );
}

/** Whether the folder is of a run that failed before it had a source and members: there is nothing to keep, or to go on with. */
async function cameToNothing(folder: RunFolder): Promise<boolean> {
  const { status, totalSteps } = await folder.readRecord();
  return status === "failed" && totalSteps === undefined;
}

/** The names that a run writes after run.json. */
const WRITTEN_LATER = ["checkpoints", "saes", "results", ...LOGS];

/** @throws {ConcordError} "run/conflict" for a folder that holds parts of a run whose record is gone. */
function requireNoRemains(folder: RunFolder): void {
  const remains = WRITTEN_LATER.find((name) => existsSync(folder.file(name)));
  if (remains === undefined) return;
  throw new ConcordError(
    "run/conflict",
    `${folder.path} has ${remains} but no run.json: what it holds belongs to no known config.`,
    { hint: "Remove the folder, or give another --name." },
  );
}

/**
 * The record of a config's run, with its results when it has finished; undefined when it is still to begin. Reads only.
 *
 * @throws {ConcordError} "run/conflict" as `openRun` does.
 */
async function existingRun(
  folder: RunFolder,
  text: string,
  resume: boolean,
): Promise<Pick<OpenedRun, "record" | "results"> | undefined> {
  if (!folder.exists) {
    requireNoRemains(folder);
    return undefined;
  }
  if (await cameToNothing(folder)) return undefined;
  if (!resume)
    throw new ConcordError("run/conflict", `The run ${folder.path} exists already.`, {
      hint: "Continue it with --resume, give another --name, or remove its folder.",
    });
  await requireSameConfig(folder, text);
  const record = await folder.readRecord();
  return { record, results: await finishedResults(folder, record) };
}

/**
 * Opens the folder of a run, and takes its lock unless the run has finished; the folder of a run that failed before it began is
 * used anew. Nothing but the lock is written before the lock is taken.
 *
 * @param resume Whether it may exist.
 * @throws {ConcordError} "run/conflict" when it exists and may not, was started with another config, naming the keys, is being written
 *   by another process, or has lost its record.
 */
export async function openRun(
  config: Config,
  { backend, versions, now }: { backend: Backend; versions: RunRecord["versions"]; now: Date },
  resume: boolean,
): Promise<OpenedRun> {
  const folder = runFolder(config);
  const text = resolvedConfig(config);
  const before = await existingRun(folder, text, resume);
  if (before?.results) return { folder, lock: undefined, ...before };
  await folder.makeFolder();
  const lock = await takeWriterLock(folder.path);
  try {
    // Another process may have begun or finished the run meanwhile.
    const existing = await existingRun(folder, text, resume);
    if (existing?.results) {
      await lock.release();
      return { folder, lock: undefined, ...existing };
    }
    if (existing) return { folder, lock, ...existing };
    await folder.writeText("config.yaml", text);
    const { name, isa, threads } = backend;
    const record: RunRecord = {
      ...{ name: config.name, status: "running", createdAt: now.toISOString(), versions },
      ...{ backend: { name, isa, threads }, attempts: [] },
    };
    await folder.writeRecord(record);
    return { folder, lock, record, results: undefined };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** What may make a run that goes on differ in its bytes from one that was never interrupted, a line each. */
export function resumeWarnings(
  record: RunRecord,
  backend: Backend,
  provenance: RunRecord["provenance"],
): string[] {
  const { name, isa } = record.backend;
  const warnings: string[] = [];
  if (name !== backend.name || isa !== backend.isa)
    warnings.push(
      `The run began on ${name} ${isa} and goes on with ${backend.name} ${backend.isa}: its last digits may differ from those of a run that was not interrupted.`,
    );
  // As the file holds it: JSON has no undefined.
  const asFile = (value: unknown) => JSON.parse(JSON.stringify(snakeKeys(value ?? {})));
  const changed = record.provenance
    ? differences(asFile(record.provenance), asFile(provenance), "source")
    : [];
  if (changed.length > 0)
    warnings.push(`The data is not what the run began with: ${changed.slice(0, 3).join("; ")}.`);
  return warnings;
}

/** What a finished run found; undefined when it has not finished, or something that it wrote is gone. */
export async function finishedResults(
  folder: RunFolder,
  { status }: RunRecord,
): Promise<FinishedResults | undefined> {
  if (status !== "finished") return undefined;
  const [evaluation, consistency] = [await readEvaluation(folder), await readConsistency(folder)];
  if (!evaluation || !consistency) return undefined;
  const saes = evaluation.members.map(({ name }) => saeFiles(folder.file("saes", name)));
  const files = [...saes.flat(), folder.file("results", LATENTS)];
  return files.every((path) => existsSync(path)) ? { evaluation, consistency } : undefined;
}
