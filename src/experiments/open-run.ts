/** @file The folder of a run about to start: a new one, or the one that it goes on with, when that is the same run. */

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { parse, stringify } from "yaml";
import type { Backend } from "../backend/backend.ts";
import { type Config, configSchema } from "../config/schema.ts";
import { ConcordError } from "../errors.ts";
import { ioError } from "../formats/io-error.ts";
import { snakeKeys } from "../formats/key-case.ts";
import { showName } from "../formats/show-name.ts";
import {
  type ConsistencyResult,
  type EvaluationResult,
  readConsistency,
  readEvaluation,
} from "../runs/results.ts";
import { RunFolder, type RunRecord } from "../runs/run-folder.ts";
import { saeFiles } from "../sae/saelens.ts";

/** The per-latent numbers of a run, below results/. */
export const LATENTS = "latents.safetensors";

export interface OpenedRun {
  readonly folder: RunFolder;
  readonly record: RunRecord;
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

/**
 * Opens the folder of a run; that of one that failed before it began is used anew.
 *
 * @param resume Whether it may exist.
 * @throws {ConcordError} "run/conflict" when it exists and may not, or was started with another config, naming the keys.
 */
export async function openRun(
  config: Config,
  { backend, versions, now }: { backend: Backend; versions: RunRecord["versions"]; now: Date },
  resume: boolean,
): Promise<OpenedRun> {
  const folder = runFolder(config);
  const text = resolvedConfig(config);
  if (folder.exists && !(await cameToNothing(folder))) {
    if (!resume)
      throw new ConcordError("run/conflict", `The run ${folder.path} exists already.`, {
        hint: "Continue it with --resume, give another --name, or remove its folder.",
      });
    await requireSameConfig(folder, text);
    return { folder, record: await folder.readRecord() };
  }
  await folder.makeFolder();
  await folder.writeText("config.yaml", text);
  const { name, isa, threads } = backend;
  const record: RunRecord = {
    ...{ name: config.name, status: "running", createdAt: now.toISOString(), versions },
    ...{ backend: { name, isa, threads }, attempts: [] },
  };
  await folder.writeRecord(record);
  return { folder, record };
}

/** As the file holds it: JSON has no undefined. */
function asFile(provenance: RunRecord["provenance"]): Record<string, unknown> {
  return JSON.parse(JSON.stringify(snakeKeys(provenance ?? {})));
}

/** Files of an array source, by what a run's record says of them. */
function filesOf(provenance: RunRecord["provenance"]): { path: string; digest: string }[] {
  const files = provenance?.["files"];
  return Array.isArray(files) ? files : [];
}

/** What the rows are of, in the names that the config has. */
function dataName(there: RunRecord["provenance"], here: RunRecord["provenance"]): string {
  const [before, now] = [filesOf(there), filesOf(here)];
  const known = new Set(before.map(({ digest }) => digest));
  const changed = now.filter(({ digest }) => !known.has(digest)).map(({ path }) => path);
  if (changed.length > 0)
    return `${changed.slice(0, 3).map(showName).join(", ")}${changed.length > 3 ? ` and ${changed.length - 3} more` : ""}`;
  if (now.length > 0) return "the list of files";
  const name = ["path", "text", "folder"]
    .map((key) => here?.[key])
    .find((v) => typeof v === "string");
  return showName(typeof name === "string" ? name : `the ${String(here?.["kind"])} source`);
}

/**
 * Checks that a run goes on with the data it began with, by content: its bytes would be those of neither otherwise.
 *
 * @throws {ConcordError} `run/conflict` naming the file.
 */
export function requireSameData(
  { folder, record }: OpenedRun,
  provenance: RunRecord["provenance"],
): void {
  const [before, now] = [record.provenance?.["digest"], provenance?.["digest"]];
  if (before === undefined || now === undefined || before === now) return;
  throw new ConcordError(
    "run/conflict",
    `The run ${folder.path} began with other data: ${dataName(record.provenance, provenance)} has changed since.`,
    {
      hint: "Put the data of then back to continue it, or start a new run with another --name.",
    },
  );
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
  const before = record.provenance;
  // The same digest is the same data, whatever it is called now.
  if (before === undefined || before["digest"] !== undefined) return warnings;
  const { digest, files: _, ...facts } = asFile(provenance);
  const changed = differences(asFile(before), facts, "source");
  if (changed.length > 0)
    warnings.push(`The data is not what the run began with: ${changed.slice(0, 3).join("; ")}.`);
  else if (digest !== undefined)
    warnings.push(
      "The run began with a version that did not record what its data holds: whether it is still the same was not checked.",
    );
  return warnings;
}

/** SAEs that members start from and that are others than when the run was first begun, a line each. */
export function changedStarts(record: RunRecord, sha256: RunRecord["initFrom"]): string[] {
  return Object.entries(sha256 ?? {}).flatMap(([folder, sum]) =>
    (record.initFrom?.[folder] ?? sum) === sum
      ? []
      : [`population.init_from: ${folder} is not what it was when the run began.`],
  );
}

/** What a finished run found; undefined when it has not finished, or something that it wrote is gone. */
export async function finishedResults({
  folder,
  record,
}: OpenedRun): Promise<
  { evaluation: EvaluationResult; consistency: ConsistencyResult } | undefined
> {
  if (record.status !== "finished") return undefined;
  const [evaluation, consistency] = [await readEvaluation(folder), await readConsistency(folder)];
  if (!evaluation || !consistency) return undefined;
  const saes = evaluation.members.map(({ name }) => saeFiles(folder.file("saes", name)));
  const files = [...saes.flat(), folder.file("results", LATENTS)];
  return files.every((path) => existsSync(path)) ? { evaluation, consistency } : undefined;
}
