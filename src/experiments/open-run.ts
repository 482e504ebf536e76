/**
 * @file The folder of a run about to start: a new one, or that of the same run, which it continues.
 */

import { existsSync } from "node:fs";
import { parse, stringify } from "yaml";
import { agreement } from "../analyses/agreement.ts";
import { isWanted } from "../analyses/analyses.ts";
import type { Backend } from "../backend/backend.ts";
import {
  changeText,
  differenceText,
  type KeyChange,
  keyChanges,
  LENGTH_KEYS,
  RESUMABLE_KEYS,
} from "../config/changes.ts";
import type { PlannedMember } from "../config/members.ts";
import { type Config, configSchema, type FileConfig, fileOfConfig } from "../config/schema.ts";
import { ConcordError } from "../errors.ts";
import { snakeKeys } from "../formats/key-case.ts";
import { readText } from "../formats/read-text.ts";
import { showName } from "../formats/show-name.ts";
import { takeWriterLock, type WriterLock } from "../formats/writer-lock.ts";
import { saeFiles } from "../interchange/saelens.ts";
import { LATENTS } from "../runs/latents.ts";
import {
  type ConsistencyResult,
  type EvaluationResult,
  readConsistency,
  readEvaluation,
} from "../runs/results.ts";
import { type ConfigChange, RunFolder, type RunRecord } from "../runs/run-folder.ts";
import { LOGS } from "../runs/run-log.ts";
import { changedResidualSaes } from "./residual-of.ts";

/** A run that is this process's to write, or one that has finished. */
export interface OpenedRun {
  readonly folder: RunFolder;
  readonly record: RunRecord;
  /** Undefined for a finished run, which writes nothing. */
  readonly lock: WriterLock | undefined;
  /** What a finished run found. */
  readonly results: FinishedResults | undefined;
  /** Keys that are not what they were when the run was last worked on. */
  readonly changes: readonly KeyChange[];
}

/** What the results/ folder of a finished run holds. */
export interface FinishedResults {
  readonly evaluation: EvaluationResult;
  /** Undefined for a run whose config leaves the agreement out. */
  readonly consistency: ConsistencyResult | undefined;
}

/** The folder that a config's run is, whether it exists yet or not. */
export function runFolder(config: Pick<Config, "runsFolder" | "name">): RunFolder {
  return new RunFolder(`${config.runsFolder}/${config.name}`);
}

/** The config as it is kept with the run: every default filled in. */
function resolvedConfig(config: FileConfig): string {
  return stringify(config, { sortMapEntries: false });
}

/** A kept config with the defaults of keys that are newer than it. */
async function keptConfig(folder: RunFolder): Promise<unknown> {
  const path = folder.file("config.yaml");
  const text = await readText(path);
  let kept: unknown;
  try {
    kept = parse(text);
  } catch {
    return text;
  }
  const parsed = configSchema.safeParse(kept);
  return parse(parsed.success ? resolvedConfig(parsed.data) : text);
}

/**
 * What has changed since the config that the run has. @throws {ConcordError} "run/conflict" naming
 * keys that may not.
 */
async function changesOf(folder: RunFolder, text: string): Promise<KeyChange[]> {
  const changes = keyChanges(await keptConfig(folder), parse(text));
  const refused = changes.filter(({ key }) => !RESUMABLE_KEYS.includes(key));
  if (refused.length === 0) return changes;
  const shown = refused.slice(0, 3).map(differenceText).join("; ");
  const more = refused.length > 3 ? `; and ${refused.length - 3} more` : "";
  throw new ConcordError(
    "run/conflict",
    `The run ${folder.path} was started with another config.`,
    {
      hint: `${shown}${more}. Continue it with its own config, or give another --name. Only ${RESUMABLE_KEYS.join(", ")} may change.`,
    },
  );
}

/** @throws {ConcordError} "run/conflict" when more steps were taken than there are to be. */
export function requireStepsLeft(folder: RunFolder, taken: number, totalSteps: number): void {
  if (taken <= totalSteps) return;
  throw new ConcordError(
    "run/conflict",
    `The run ${folder.path} has taken ${taken} steps, more than the ${totalSteps} that it is to have.`,
    { hint: `Give at least ${taken} steps, or another --name.` },
  );
}

/** Writes the config that a run continues with, preceded by the changes so far. */
export async function writeChangedConfig(
  folder: RunFolder,
  config: Config,
  history: readonly ConfigChange[],
): Promise<void> {
  const comments = history.map(
    ({ fromStep, changes }) =>
      `# from step ${fromStep} on: ${changes.map(changeText).join(", ")}\n`,
  );
  await folder.writeText(
    "config.yaml",
    `${comments.join("")}${resolvedConfig(fileOfConfig(config))}`,
  );
}

/**
 * Whether the run of the folder failed before it had a source and members, so that there is nothing
 * to keep or to continue.
 */
async function cameToNothing(folder: RunFolder): Promise<boolean> {
  const { status, totalSteps } = await folder.readRecord();
  return status === "failed" && totalSteps === undefined;
}

/** The names that a run writes after run.json. */
const WRITTEN_LATER = ["checkpoints", "saes", "results", ...LOGS];

/**
 * @throws {ConcordError} "run/conflict" for a folder that holds parts of a run whose record is
 *   gone.
 */
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
 * The record of a config's run, with its results when it has finished; undefined when it is still
 * to begin. Reads only.
 *
 * @throws {ConcordError} "run/conflict" as `openRun` does.
 */
async function existingRun(
  folder: RunFolder,
  text: string,
  resume: boolean,
): Promise<Pick<OpenedRun, "record" | "results" | "changes"> | undefined> {
  if (!folder.exists) {
    requireNoRemains(folder);
    return undefined;
  }
  if (await cameToNothing(folder)) return undefined;
  if (!resume)
    throw new ConcordError("run/conflict", `The run ${folder.path} exists already.`, {
      hint: "Continue it with --resume, give another --name, or remove its folder.",
    });
  const changes = await changesOf(folder, text);
  const record = await folder.readRecord();
  // Other analyses are made of the last checkpoint.
  const goesOn = changes.some(
    ({ key }) => LENGTH_KEYS.includes(key) || /^(analyses$|consensus)/.test(key),
  );
  const results = goesOn ? undefined : await finishedResults(folder, record, parse(text));
  return { record, results, changes };
}

/**
 * Whether the run of a config has finished. Reads only.
 *
 * @throws {ConcordError} "run/conflict" as `openRun` does.
 */
export async function hasFinished(config: Config, resume: boolean): Promise<boolean> {
  const text = resolvedConfig(fileOfConfig(config));
  return (await existingRun(runFolder(config), text, resume))?.results !== undefined;
}

/**
 * Opens the folder of a run, and takes its lock unless the run has finished. The folder of a run
 * that failed before it began is used anew. Nothing but the lock is written before the lock is
 * taken.
 *
 * @param resume Whether it may exist.
 * @throws {ConcordError} "run/conflict" when it exists and may not; when its config differs in keys
 *   that may not change, which are named; when another process writes it; when it has lost its
 *   record.
 */
export async function openRun(
  config: Config,
  { backend, versions, now }: { backend: Backend; versions: RunRecord["versions"]; now: Date },
  resume: boolean,
): Promise<OpenedRun> {
  const folder = runFolder(config);
  const text = resolvedConfig(fileOfConfig(config));
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
      name: config.name,
      status: "running",
      createdAt: now.toISOString(),
      versions,
      backend: { name, isa, threads },
      attempts: [],
    };
    await folder.writeRecord(record);
    return { folder, lock, record, results: undefined, changes: [] };
  } catch (error) {
    await lock.release();
    throw error;
  }
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
 * Checks that a run goes on with the data it began with, by content: its bytes would be those of
 * neither otherwise.
 *
 * @throws {ConcordError} `run/conflict` naming the file.
 */
export function requireSameData(
  { folder, record }: Pick<OpenedRun, "folder" | "record">,
  provenance: RunRecord["provenance"],
): void {
  const changed = changedResidualSaes(record.provenance, provenance);
  if (changed.length > 0)
    throw new ConcordError(
      "run/conflict",
      `The run ${folder.path} began with other SAEs in source.residual_of: ${changed.map(showName).join(", ")} changed since.`,
      {
        hint: "Restore them to continue it, start a new run with another --name, or remove its folder.",
      },
    );
  const [before, now] = [record.provenance?.["digest"], provenance?.["digest"]];
  if (before === undefined || now === undefined || before === now) return;
  throw new ConcordError(
    "run/conflict",
    `The run ${folder.path} began with other data: ${dataName(record.provenance, provenance)} has changed since.`,
    {
      hint: "Restore the original data to continue it, or start a new run with another --name.",
    },
  );
}

/**
 * Reasons why a continued run may differ in its bytes from one that was never interrupted, one line
 * each.
 */
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
  const changed = keyChanges(asFile(before), facts, "source").map(differenceText);
  if (changed.length > 0)
    warnings.push(`The data is not what the run began with: ${changed.slice(0, 3).join("; ")}.`);
  else if (digest !== undefined)
    warnings.push(
      "The run began with a version that did not record what its data holds: whether it is still the same was not checked.",
    );
  return warnings;
}

/**
 * SAEs that members start from and that are others than when the run was first begun, a line each.
 */
export function changedStarts(record: RunRecord, sha256: RunRecord["initFrom"]): string[] {
  return Object.entries(sha256 ?? {}).flatMap(([folder, sum]) =>
    (record.initFrom?.[folder] ?? sum) === sum
      ? []
      : [`population.init_from: ${folder} is not what it was when the run began.`],
  );
}

/** What a change of the number of steps means where learning rates depend on it. */
export function scheduleWarnings(
  members: readonly PlannedMember[],
  fromStep: number,
  before: number | undefined,
  now: number,
): string[] {
  if (before === undefined || before === now) return [];
  // The fraction of the steps that a member's rate falls in is the same for both numbers of steps.
  const fell = members.filter(({ schedule: { decayStart } }) => {
    if (decayStart === undefined) return false;
    const startBefore = Math.floor((decayStart / now) * before);
    return fromStep > Math.min(startBefore, decayStart);
  });
  if (fell.length === 0) return [];
  return [
    `Learning rates had begun to fall (decay_fraction) as for ${before} steps. From step ${fromStep} on they follow the schedule of ${now} steps: the result is not that of a run of ${now} steps from the beginning.`,
  ];
}

/**
 * What a finished run found; undefined when it has not finished, or something that it wrote is
 * gone.
 *
 * @param config Says which analyses the run has.
 */
export async function finishedResults(
  folder: RunFolder,
  { status }: RunRecord,
  config: Pick<Config, "analyses">,
): Promise<FinishedResults | undefined> {
  if (status !== "finished") return undefined;
  const [evaluation, consistency] = [await readEvaluation(folder), await readConsistency(folder)];
  if (!evaluation || (!consistency && isWanted(config, agreement))) return undefined;
  const saes = evaluation.members.map(({ name }) => saeFiles(folder.file("saes", name)));
  const files = [...saes.flat(), folder.file("results", `${LATENTS}.safetensors`)];
  return files.every((path) => existsSync(path)) ? { evaluation, consistency } : undefined;
}
