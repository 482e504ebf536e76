/** @file concord runs: the runs below a folder, a line each. */

import { existsSync } from "node:fs";
import type { Command } from "commander";
import { configKeys } from "../../config/config-keys.ts";
import { ConfigError } from "../../errors.ts";
import { RECONSTRUCTION_METRICS } from "../../metrics/registry.ts";
import { type RunOverview, runOverviews } from "../../runs/overview.ts";
import {
  type RunKeys,
  type RunValues,
  runFilter,
  runKey,
  sortedRuns,
  statusFilter,
} from "../../runs/select-runs.ts";
import { isProcessAlive } from "../environment.ts";
import { print } from "../print.ts";
import { type RunColumn, runTable } from "../run-table.ts";

interface Options {
  readonly root: string;
  readonly sort?: string;
  readonly filter: readonly string[];
  readonly status?: string;
  readonly columns?: string;
  readonly json?: boolean;
}

/** What a run comes to, as JSON. */
export function runJson(o: RunOverview): Record<string, unknown> {
  const several = (o.settings ?? 1) > 1;
  const fvus = o.metrics?.["fvu"] ?? [];
  return {
    name: o.name,
    folder: o.folder,
    state: o.state,
    steps: o.steps,
    total_steps: o.totalSteps,
    members: o.members,
    settings: o.settings,
    fvu: o.fvu,
    fvu_range: several ? [Math.min(...fvus), Math.max(...fvus)] : undefined,
    pw_mcc: o.pwMcc,
    warnings: o.warnings ?? [],
    created_at: o.createdAt,
    changed_at: o.changedAt,
    problem: o.problem,
  };
}

function columnsOf(text: string | undefined, known: RunKeys): RunColumn[] {
  const keys = text?.split(",").map((key) => key.trim()) ?? [];
  return keys.map((key) => ({
    name: key,
    values: runKey(key, known),
    isMetric: known.metrics.includes(key),
  }));
}

/** A value alone, a list where there are several, null without any. */
function jsonValue(values: ReturnType<RunValues>): unknown {
  return values.length > 1 ? values : (values[0] ?? null);
}

export async function runs(options: Options, command: Command): Promise<void> {
  const { root, json } = options;
  const known: RunKeys = {
    metrics: RECONSTRUCTION_METRICS.map(({ name }) => name),
    config: configKeys(),
  };
  // A mistake in what is asked for is said before any file is read.
  const columns = columnsOf(options.columns, known);
  const filters = options.filter.map((text) => runFilter(text, known));
  if (options.status !== undefined) filters.push(statusFilter(options.status));
  if (options.sort !== undefined) sortedRuns([], options.sort, known);
  if (command.getOptionValueSource("root") === "cli" && !existsSync(root))
    throw new ConfigError(`There is no folder ${root}.`, {
      hint: "Set --root to the folder that contains the runs, the runs_folder of their configs.",
    });
  const all = await runOverviews(root, isProcessAlive);
  const kept = all.filter((run) => filters.every((filter) => filter(run)));
  const shown = options.sort === undefined ? kept : sortedRuns(kept, options.sort, known);
  if (json) {
    const plain = shown.map((run) => ({
      ...runJson(run),
      ...(columns.length === 0
        ? {}
        : { columns: Object.fromEntries(columns.map((c) => [c.name, jsonValue(c.values(run))])) }),
    }));
    return void print(`${JSON.stringify(plain)}\n`);
  }
  if (all.length === 0)
    return void print(`No runs in ${root}: concord run <config.yaml> makes one.\n`);
  if (shown.length === 0)
    return void print(`None of the ${all.length} runs in ${root} meets the conditions.\n`);
  print(`${runTable(shown, columns)}\n`);
  for (const o of shown)
    for (const { message } of o.warnings ?? []) print(`${o.name}: warning: ${message}\n`);
  for (const o of shown) if (o.problem !== undefined) print(`${o.name}: ${o.problem}\n`);
}
