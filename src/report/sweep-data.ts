/**
 * @file The runs of a sweep, read from its folder: the only part of a sweep's report that touches
 *   files.
 */

import { relative, sep } from "node:path";
import { parse } from "yaml";
import { ConcordError } from "../errors.ts";
import { readText } from "../formats/read-text.ts";
import { readConsistency, readEvaluation } from "../runs/results.ts";
import { listRuns, type RunFolder, type RunRecord } from "../runs/run-folder.ts";
import { logLines } from "../runs/run-log.ts";
import { type LoggedMetrics, loggedMetrics } from "./logged.ts";
import { isCoupled } from "./run-settings.ts";
import { type AxisValues, sweepAxes } from "./sweep-axes.ts";
import type { SweepRun } from "./sweep-cells.ts";

/** A run of a sweep with what its pages show beyond the summary. */
export interface SweepRunData extends SweepRun {
  readonly record: RunRecord;
  readonly config: unknown;
  readonly configText: string;
  readonly metrics: LoggedMetrics;
}

/** A run of a sweep, and its axes where the caller knows them. */
export interface SweepMember {
  readonly folder: RunFolder;
  readonly axes?: AxisValues;
}

async function readRun(path: string, { folder, axes }: SweepMember, logs: boolean) {
  const configText = await readText(folder.file("config.yaml"));
  const config: unknown = parse(configText);
  const evaluation = await readEvaluation(folder);
  const consistency = await readConsistency(folder);
  const record = await folder.readRecord();
  const finished = record.status === "finished" && evaluation !== undefined;
  return {
    name: relative(path, folder.path).split(sep).join("/"),
    axes,
    record,
    configText,
    config,
    coupled: isCoupled(config),
    metrics: await loggedMetrics(logs ? logLines(folder, "metrics.jsonl") : []),
    ...(finished ? { evaluation, consistency } : {}),
  };
}

/**
 * Reads the runs of a sweep.
 *
 * @param path The sweep's folder; runs are named relative to it.
 * @param members Its runs; axes that are not given are recovered from what the runs' configs differ
 *   in.
 * @param logs Whether to read what they logged while they trained, too.
 * @throws {ConcordError} `file/missing` without a run, {FormatError} for damaged files.
 */
export async function readSweep(
  path: string,
  members: readonly SweepMember[],
  logs = true,
): Promise<SweepRunData[]> {
  if (members.length === 0)
    throw new ConcordError("file/missing", `There are no runs in ${path}.`, {
      hint: "A sweep's folder holds the folders of its runs.",
    });
  // One after the other: a sweep may have more runs than files may be open.
  const read: Awaited<ReturnType<typeof readRun>>[] = [];
  for (const member of members) read.push(await readRun(path, member, logs));
  const axes = sweepAxes(read.map((run) => run.config));
  return read.map((run, i) => ({ ...run, axes: run.axes ?? axes[i]! }));
}

/** The runs below a sweep's folder. */
export async function sweepMembers(path: string): Promise<SweepMember[]> {
  return (await listRuns(path)).map((folder) => ({ folder }));
}
