/** @file What a run amounts to: how far it got, and its numbers in one line or in full. */

import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { parse as parseYaml } from "yaml";
import { isObject } from "../base/json.ts";
import { ConcordError, FormatError, messageOf } from "../errors.ts";
import { ioError } from "../formats/io-error.ts";
import { isBeingWritten } from "../formats/writer-lock.ts";
import { bytesBelow } from "./folder-size.ts";
import type { ResultWarning } from "./result-warnings.ts";
import {
  type ConsistencyResult,
  type EvaluationResult,
  readConsistency,
  readEvaluation,
} from "./results.ts";
import { listRuns, type RunFolder, type RunRecord, type RunStatus } from "./run-folder.ts";
import { lastLogLine, logLines } from "./run-log.ts";
import { pwMccOf, type SettingPart, settingParts } from "./settings.ts";

/**
 * A run's status; `killed` when it says that it is running, but its process is gone; `unreadable`
 * when run.json is damaged.
 */
export type RunState = RunStatus | "killed" | "unreadable";

/** Whether a process is alive; undefined when that cannot be known from here. */
export type IsAlive = (host: string, pid: number) => boolean | undefined;

/** One line of a list of runs. */
export interface RunOverview {
  readonly name: string;
  readonly folder: string;
  readonly state: RunState;
  /** Steps taken, and to take. */
  readonly steps?: number;
  readonly totalSteps?: number;
  readonly members?: number;
  /** Settings that its members have; 1 where they differ in their seeds alone. */
  readonly settings?: number;
  /** Mean FVU over the members that are not independent, where they have one setting. */
  readonly fvu?: number;
  /**
   * Means over the members that are not independent, by metric; one for every setting, in the order
   * of the members.
   */
  readonly metrics?: Readonly<Record<string, readonly number[]>>;
  /** PW-MCC of members of one setting; of several settings there is no such number. */
  readonly pwMcc?: { readonly mean: number; readonly null: number };
  /**
   * The resolved config as plain data, in the words of the YAML; undefined where it cannot be read.
   */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Reasons to doubt the numbers. */
  readonly warnings?: readonly ResultWarning[];
  readonly createdAt?: string;
  /** When it ended last, or began when it has not. */
  readonly changedAt?: string;
  /** What is wrong with an unreadable one, or what made it fail. */
  readonly problem?: string;
}

/** What a run is doing, by its record and by whether its process lives. */
export async function stateOf(
  folder: RunFolder,
  { status, attempts }: RunRecord,
  isAlive: IsAlive,
): Promise<RunState> {
  const last = attempts.at(-1);
  if (status !== "running" || !last) return status;
  // The lock tells whether a process of that number is the one that wrote here.
  const lives = isAlive(last.host, last.pid) !== false && (await isBeingWritten(folder.path));
  return lives ? "running" : "killed";
}

/** The last logged step; during a run, logs are ahead of run.json. */
async function loggedStep(folder: RunFolder): Promise<number> {
  return (await lastLogLine(folder, "metrics.jsonl"))?.step ?? 0;
}

async function overviewFrom(
  folder: RunFolder,
  record: RunRecord,
  isAlive: IsAlive,
  evaluation: EvaluationResult | undefined,
  consistency: ConsistencyResult | undefined,
): Promise<RunOverview> {
  const state = await stateOf(folder, record, isAlive);
  const last = record.attempts.at(-1);
  const recorded = last?.toStep ?? 0;
  const ended = last?.endedAt !== undefined;
  const steps = ended ? recorded : Math.max(recorded, await loggedStep(folder));
  const parts = evaluation ? settingParts(evaluation, consistency) : [];
  const metrics = Object.fromEntries(metricMeans(parts));
  const fvu = parts.length === 1 ? metrics["fvu"]?.[0] : undefined;
  const pwMcc = evaluation && pwMccOf(evaluation, consistency);
  const changedAt = last?.endedAt ?? last?.startedAt;
  return {
    name: record.name,
    folder: folder.path,
    state,
    steps,
    createdAt: record.createdAt,
    ...(record.totalSteps === undefined ? {} : { totalSteps: record.totalSteps }),
    ...(evaluation
      ? {
          members: evaluation.members.length,
          settings: parts.length,
          metrics,
        }
      : {}),
    ...(fvu === undefined ? {} : { fvu }),
    ...(pwMcc ? { pwMcc } : {}),
    ...(evaluation?.warnings?.length ? { warnings: evaluation.warnings } : {}),
    ...(changedAt === undefined ? {} : { changedAt }),
    ...(record.status === "failed" && last?.error !== undefined ? { problem: last.error } : {}),
  };
}

/** Every metric's mean over the members of each setting. */
function metricMeans(parts: readonly SettingPart[]): [string, number[]][] {
  const names = [
    ...new Set(parts.flatMap((p) => p.members.flatMap((m) => Object.keys(m.metrics)))),
  ];
  return names.map((name) => [
    name,
    parts.map(
      ({ members }) =>
        members.reduce((sum, m) => sum + (m.metrics[name] ?? Number.NaN), 0) / members.length,
    ),
  ]);
}

/** A run in one line, with the files that the line was made of. */
export interface ReadOverview {
  readonly overview: RunOverview;
  /** Undefined for an unreadable run. */
  readonly record?: RunRecord;
  readonly evaluation?: EvaluationResult | undefined;
  readonly consistency?: ConsistencyResult | undefined;
}

/**
 * The overview of one run. A damaged run has what is wrong with it.
 *
 * @param name What an unreadable run is called: its record cannot say.
 */
export async function readOverview(
  folder: RunFolder,
  name: string,
  isAlive: IsAlive,
): Promise<ReadOverview> {
  try {
    const record = await folder.readRecord();
    const evaluation = await readEvaluation(folder);
    const consistency = await readConsistency(folder);
    const overview = await overviewFrom(folder, record, isAlive, evaluation, consistency);
    const config = await readConfig(folder).catch(() => undefined);
    const read = { record, evaluation, consistency };
    return { overview: config ? { ...overview, config } : overview, ...read };
  } catch (error) {
    if (!(error instanceof ConcordError)) throw error;
    const problem = messageOf(error);
    return { overview: { name, folder: folder.path, state: "unreadable", problem } };
  }
}

/**
 * The overview of every run below `root`, by path. A damaged run is listed with what is wrong with
 * it.
 */
export async function runOverviews(root: string, isAlive: IsAlive): Promise<RunOverview[]> {
  const overviews: RunOverview[] = [];
  for (const folder of await listRuns(root)) {
    const name = relative(root, folder.path) || folder.path;
    overviews.push((await readOverview(folder, name, isAlive)).overview);
  }
  return overviews;
}

/** Mean milliseconds of a step by what they were spent on, over the logged steps of this run. */
export type StepMilliseconds = Readonly<
  Record<"source" | "coupling" | "members" | "total", number>
>;

/** Everything that a run's folder says. */
export interface RunDetails {
  readonly overview: RunOverview;
  readonly record: RunRecord;
  /** The resolved config as plain data, in the words of the YAML. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly evaluation: EvaluationResult | undefined;
  readonly consistency: ConsistencyResult | undefined;
  readonly stepMilliseconds: StepMilliseconds | undefined;
  /** Files and folders of the run, each with everything in it, by name. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

/**
 * Reads all that there is to say about a run.
 *
 * @throws {FormatError} naming the file that is damaged; {ConcordError} `file/missing` or
 *   `file/io`.
 */
export async function runDetails(folder: RunFolder, isAlive: IsAlive): Promise<RunDetails> {
  const record = await folder.readRecord();
  const evaluation = await readEvaluation(folder);
  const consistency = await readConsistency(folder);
  return {
    overview: await overviewFrom(folder, record, isAlive, evaluation, consistency),
    record,
    config: await readConfig(folder),
    evaluation,
    consistency,
    stepMilliseconds: await meanTimings(folder),
    files: await filesOf(folder.path),
  };
}

/**
 * config.yaml as plain data.
 *
 * @throws {FormatError} when it is not YAML, {ConcordError} `file/missing` or `file/io`.
 */
export async function readConfig(folder: RunFolder): Promise<Record<string, unknown>> {
  const path = folder.file("config.yaml");
  let config: unknown;
  try {
    config = parseYaml(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof Error && error.name === "YAMLParseError")
      throw new FormatError(path, `not YAML: ${messageOf(error)}`);
    throw ioError(error, "read", path);
  }
  if (!isObject(config)) throw new FormatError(path, "expected a mapping of keys to values.");
  return config;
}

/** Undefined without a line. @throws as `logLines`. */
export async function meanTimings(folder: RunFolder): Promise<StepMilliseconds | undefined> {
  const sums = { source: 0, coupling: 0, members: 0, total: 0 };
  const parts = Object.keys(sums) as (keyof StepMilliseconds)[];
  let lines = 0;
  for await (const line of logLines(folder, "timings.jsonl")) {
    for (const part of parts) sums[part] += Number(line[part] ?? 0);
    lines++;
  }
  if (lines === 0) return undefined;
  for (const part of parts) sums[part] /= lines;
  return sums;
}

/** What is in a run's folder, by name. */
export async function filesOf(path: string): Promise<{ name: string; bytes: number }[]> {
  const entries = await readdir(path, { withFileTypes: true });
  const files = await Promise.all(
    entries.map(async (entry) => ({
      name: entry.isDirectory() ? `${entry.name}/` : entry.name,
      bytes: await bytesBelow(join(path, entry.name)),
    })),
  );
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}
