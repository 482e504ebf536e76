/** @file What the configs of a sweep's runs differ in, key by key. */

import type { Markup } from "../figures/html/html.ts";
import { table } from "../figures/html/table.ts";
import { count } from "../figures/number-text.ts";
import { axisValue } from "./sweep-axes.ts";
import type { SweepRunData } from "./sweep-data.ts";
import type { SweepSummary } from "./sweep-summary.ts";

/** A key of the config with every value that it has, and how often. */
export interface ConfigDifference {
  readonly key: string;
  /** In the order in which the runs, or the settings, have them. */
  readonly values: readonly { readonly text: string; readonly times: number }[];
  /** What has them: runs, or the settings of members within runs. */
  readonly of: "runs" | "settings";
}

function counted(values: readonly unknown[]): ConfigDifference["values"] {
  const times = new Map<string, number>();
  for (const value of values) {
    const text = axisValue(value);
    times.set(text, (times.get(text) ?? 0) + 1);
  }
  return [...times].map(([text, n]) => ({ text, times: n }));
}

/** Every key whose value is not the same everywhere: between runs, or between their members. */
export function configDifferences(
  summary: SweepSummary,
  runs: readonly SweepRunData[],
): ConfigDifference[] {
  const keys = [...summary.axes, ...summary.replicated_over.filter((axis) => axis !== "member")];
  return keys.map((key): ConfigDifference => {
    const ofRuns = counted(runs.map((run) => run.axes[key]));
    if (ofRuns.length > 1) return { key, values: ofRuns, of: "runs" };
    return { key, values: counted(summary.cells.map((cell) => cell.axes[key])), of: "settings" };
  });
}

/** The values of more keys than fit a line are cut. */
const MOST_VALUES = 24;

/** A row for every key; undefined where nothing differs. */
export function differencesTable(
  summary: SweepSummary,
  runs: readonly SweepRunData[],
): Markup | undefined {
  const rows = configDifferences(summary, runs);
  if (rows.length === 0) return undefined;
  const text = ({ values, of }: ConfigDifference) => {
    const shown = values
      .slice(0, MOST_VALUES)
      .map((value) => `${value.text} (${count(value.times)} ${of})`);
    return shown.join(", ") + (values.length > MOST_VALUES ? ", …" : "");
  };
  return table(
    "Config keys that differ, with their values; every other key is the same in all runs",
    [
      { head: "Key", cell: (row: ConfigDifference) => row.key },
      { head: "Values", kind: "number", cell: (row) => count(row.values.length) },
      { head: "Value (how many)", cell: text },
    ],
    rows,
  );
}
