/**
 * @file GET /api/runs. A line is kept as long as the files that it was made of stay as they are:
 *   most runs have finished.
 */

import { stat } from "node:fs/promises";
import { isObject } from "../../base/json.ts";
import { mean } from "../../base/statistics/mean.ts";
import { describeSource } from "../../domains/domains.ts";
import { GrowingCurve } from "../../figures/growing-curve.ts";
import { thinnedCurve } from "../../figures/thinning.ts";
import { COMPARED_METRICS } from "../../runs/compared-metrics.ts";
import { type IsAlive, type ReadOverview, readOverview } from "../../runs/overview.ts";
import { logLines } from "../../runs/run-log.ts";
import { settingOf, settingParts } from "../../runs/settings.ts";
import type { RunLine, RunsAnswer } from "../api/runs.ts";
import { FEATURES, hasFeatures } from "../evidences.ts";
import { failureOf } from "../failure.ts";
import type { ServedFolder, ServedRun } from "../served-folder.ts";
import { finite } from "./numbers.ts";

/** Files that a line says something of. */
const FILES = [
  "run.json",
  "config.yaml",
  "metrics.jsonl",
  "results/evaluation.json",
  "results/consistency.json",
  FEATURES,
];

/** Lines that are kept. */
const MOST_LINES = 4096;

/** Points of a sparkline. */
const SPARKS = 64;

/** The lines of the list of runs. */
export class RunLines {
  readonly #served: ServedFolder;
  readonly #isAlive: IsAlive;
  readonly #kept = new Map<string, { readonly version: string; readonly line: RunLine }>();

  constructor(served: ServedFolder, isAlive: IsAlive) {
    this.#served = served;
    this.#isAlive = isAlive;
  }

  /** All runs; one that cannot be read has a line that says why. */
  async answer(): Promise<RunsAnswer> {
    const runs: RunLine[] = [];
    for (const run of await this.#served.runs()) runs.push(await this.#line(run));
    return { folder: this.#served.root, runs, varying: varyingKeys(runs) };
  }

  async #line(run: ServedRun): Promise<RunLine> {
    try {
      await this.#served.requireInside(run);
      const version = await versionOf(run);
      const kept = this.#kept.get(run.name);
      if (kept?.version === version) return kept.line;
      const line = await readLine(run, this.#isAlive);
      this.#kept.delete(run.name);
      // Whether a run still lives is not in its files.
      if (line.status !== "running") this.#kept.set(run.name, { version, line });
      for (const oldest of this.#kept.keys())
        if (this.#kept.size > MOST_LINES) this.#kept.delete(oldest);
      return line;
    } catch (error) {
      return { ...emptyLine(run.name), problem: failureOf(error).body.error };
    }
  }
}

async function versionOf({ folder }: ServedRun): Promise<string> {
  const stats = await Promise.all(
    FILES.map((file) => stat(folder.file(file)).catch(() => undefined)),
  );
  return stats.map((s) => (s ? `${s.ino} ${s.size} ${s.mtimeMs}` : "")).join();
}

function emptyLine(name: string): RunLine {
  return {
    name,
    status: "unreadable",
    kind: null,
    data: null,
    steps: null,
    total_steps: null,
    settings: {},
    metrics: {},
    members: [],
    sparkline: { step: [], fvu: [] },
    has_features: false,
    warnings: [],
    created_at: null,
    changed_at: null,
    problem: null,
  };
}

async function readLine(run: ServedRun, isAlive: IsAlive): Promise<RunLine> {
  const read = await readOverview(run.folder, run.name, isAlive);
  const { overview, record } = read;
  const kind = record?.provenance?.["kind"];
  let problem = overview.problem ?? null;
  const sparkline = await sparklineOf(run).catch((error: unknown) => {
    problem ??= failureOf(error).body.error;
    return { step: [], fvu: [] };
  });
  return {
    name: run.name,
    status: overview.state,
    kind: typeof kind === "string" ? kind : null,
    data: record?.provenance ? describeSource(record.provenance) : null,
    steps: overview.steps ?? null,
    total_steps: overview.totalSteps ?? null,
    settings: Object.fromEntries(leavesOf(overview.config ?? {})),
    metrics: headline(read),
    members: memberLines(read),
    sparkline,
    has_features: hasFeatures(run.folder),
    warnings: (overview.warnings ?? []).map(({ message }) => message),
    created_at: overview.createdAt ?? null,
    changed_at: overview.changedAt ?? null,
    problem,
  };
}

/** The values of a config by path; a list is one value. */
function leavesOf(value: unknown, path = ""): [string, unknown][] {
  if (!isObject(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) =>
    leavesOf(inner, path === "" ? key : `${path}.${key}`),
  );
}

function headline({ evaluation, consistency }: ReadOverview): RunLine["metrics"] {
  const parts = evaluation ? settingParts(evaluation, consistency) : [];
  const [part] = parts;
  // Several settings have no mean between them.
  if (!part || parts.length > 1) return {};
  const numbers = COMPARED_METRICS.flatMap(({ metric, of }) => {
    const found = of(part);
    return found
      ? [[metric.name, { value: finite(found.value), null: finite(found.null) }] as const]
      : [];
  });
  return Object.fromEntries(numbers);
}

function memberLines({ evaluation }: ReadOverview): RunLine["members"] {
  return (evaluation?.members ?? []).map((member) => ({
    name: member.name,
    seed: member.seed,
    coupled: member.coupled,
    setting: settingOf(member),
    metrics: Object.fromEntries(
      Object.entries(member.metrics).map(([name, value]) => [name, finite(value)]),
    ),
  }));
}

async function sparklineOf({ folder }: ServedRun): Promise<RunLine["sparkline"]> {
  const curve = new GrowingCurve();
  let number = 0;
  for await (const { step, members } of logLines(folder, "metrics.jsonl")) {
    const logged = Object.values((members ?? {}) as Record<string, { fvu?: unknown }>);
    const fvus = logged.map(({ fvu }) => fvu).filter((v) => typeof v === "number");
    if (fvus.length > 0) curve.add(number, { x: step, y: mean(fvus) });
    number++;
  }
  const points = thinnedCurve(curve.curve.points, SPARKS);
  return { step: points.map(({ x }) => x), fvu: points.map(({ y }) => y) };
}

/** Keys whose values differ, those that name a run or a place aside. */
export function varyingKeys(runs: readonly RunLine[]): string[] {
  const readable = runs.filter(({ settings }) => Object.keys(settings).length > 0);
  const values = new Map<string, Set<string>>();
  for (const { settings } of readable)
    for (const key of Object.keys(settings)) values.set(key, new Set());
  for (const { settings } of readable)
    for (const [key, seen] of values) seen.add(JSON.stringify(settings[key]) ?? "");
  return [...values].filter(([key, seen]) => seen.size > 1 && !UNTOLD.has(key)).map(([key]) => key);
}

/** Keys of a run's name and of how often it writes: they change nothing that it finds. */
const UNTOLD = new Set([
  "name",
  "runs_folder",
  "loggers",
  "training.log_every",
  "training.agreement_every",
  "training.checkpoint_every",
  "training.keep_checkpoints",
  "training.save_at",
]);
