/**
 * @file Everything that a report says of a run, read from its folder: the only part of a run's
 *   report that touches files.
 */

import { existsSync } from "node:fs";
import { parse } from "yaml";
import { type FoundBy, readAnalyses } from "../analyses/analyses.ts";
import { asFloat32 } from "../base/tensor.ts";
import { readText } from "../formats/read-text.ts";
import { openSafetensors } from "../formats/safetensors-file.ts";
import {
  type ConsistencyResult,
  type EvaluationResult,
  readConsistency,
  readEvaluation,
} from "../runs/results.ts";
import type { RunFolder, RunRecord } from "../runs/run-folder.ts";
import { logLines } from "../runs/run-log.ts";
import {
  type LoggedEvents,
  type LoggedMetrics,
  type LoggedTimings,
  loggedEvents,
  loggedMetrics,
  loggedTimings,
} from "./logged.ts";

/** Per latent of one member; what was not measured is undefined. */
export interface MemberLatents {
  readonly density?: Float32Array;
  readonly bestInOthers?: Float32Array;
  readonly bestInTruth?: Float32Array;
}

export interface RunData {
  readonly record: RunRecord;
  /** config.yaml as text, and as the values it stands for. */
  readonly configText: string;
  readonly config: unknown;
  readonly metrics: LoggedMetrics;
  readonly timings: LoggedTimings;
  readonly events: LoggedEvents;
  readonly evaluation: EvaluationResult | undefined;
  readonly consistency: ConsistencyResult | undefined;
  /** By member. */
  readonly latents: ReadonlyMap<string, MemberLatents>;
  /** By every analysis that left something. */
  readonly found: readonly FoundBy[];
  /** Width of the activations, when an SAE was kept that says so. */
  readonly dIn: number | undefined;
}

const LATENTS = "results/latents.safetensors";

async function readLatents(
  folder: RunFolder,
  names: readonly string[],
): Promise<Map<string, MemberLatents>> {
  const found = new Map<string, MemberLatents>();
  if (!existsSync(folder.file(LATENTS))) return found;
  const file = await openSafetensors(folder.file(LATENTS));
  try {
    const vector = async (name: string) =>
      file.names.includes(name) ? asFloat32(await file.read(name)) : undefined;
    for (const name of names) {
      const density = await vector(`${name}.density`);
      const bestInOthers = await vector(`${name}.best_in_others`);
      const bestInTruth = await vector(`${name}.best_in_truth`);
      found.set(name, {
        ...(density && { density }),
        ...(bestInOthers && { bestInOthers }),
        ...(bestInTruth && { bestInTruth }),
      });
    }
  } finally {
    await file.close();
  }
  return found;
}

async function readWidth(folder: RunFolder, member: string | undefined) {
  const name = `saes/${member}/cfg.json`;
  if (member === undefined || !existsSync(folder.file(name))) return undefined;
  const config = (await folder.readJson(name)) as { d_in?: unknown } | null;
  const width = Number(config?.d_in);
  return Number.isInteger(width) && width > 0 ? width : undefined;
}

/**
 * Reads a run's folder. A run that has not finished has no results; nothing else may be missing.
 *
 * @throws {ConcordError} `file/missing`, {FormatError} for files that are not what they should be.
 */
export async function readRunData(folder: RunFolder): Promise<RunData> {
  const configText = await readText(folder.file("config.yaml"));
  const evaluation = await readEvaluation(folder);
  const names = evaluation?.members.map(({ name }) => name) ?? [];
  const record = await folder.readRecord();
  const starts = new Set(record.attempts.map((a) => a.fromStep + 1));
  return {
    record,
    configText,
    config: parse(configText) as unknown,
    metrics: await loggedMetrics(logLines(folder, "metrics.jsonl")),
    timings: await loggedTimings(logLines(folder, "timings.jsonl"), starts),
    events: await loggedEvents(logLines(folder, "events.jsonl")),
    evaluation,
    consistency: await readConsistency(folder),
    latents: await readLatents(folder, names),
    found: await readAnalyses(folder),
    dIn: await readWidth(folder, names[0]),
  };
}
