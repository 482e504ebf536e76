/** @file Runs as a table, a line each. */

import type { RunOverview } from "../runs/overview.ts";
import type { RunValues } from "../runs/select-runs.ts";
import { valueText } from "../runs/settings.ts";
import { moment, short, table } from "./output.ts";

/** An additional column: a key as it was typed, and its values in a run. */
export interface RunColumn {
  readonly name: string;
  readonly values: RunValues;
  /** Whether it is measured: of several settings the lowest and the highest value are shown. */
  readonly isMetric: boolean;
}

/** `1500/2000`, or what is known of it. */
export function stepsText({ steps, totalSteps }: RunOverview): string {
  if (steps === undefined) return "";
  return totalSteps === undefined ? String(steps) : `${steps}/${totalSteps}`;
}

/** A number; of several settings the lowest and the highest. */
function rangeText(values: readonly number[]): string {
  if (values.length === 0) return "";
  const [low, high] = [short(Math.min(...values)), short(Math.max(...values))];
  return low === high ? low : `${low} to ${high}`;
}

function cellText({ values, isMetric }: RunColumn, run: RunOverview): string {
  const all = values(run);
  if (isMetric) return rangeText(all as readonly number[]);
  return all.map((v) => (typeof v === "number" ? short(v) : valueText(v))).join(", ");
}

/** The table. */
export function runTable(runs: readonly RunOverview[], columns: readonly RunColumn[] = []): string {
  const several = runs.some((run) => (run.settings ?? 1) > 1);
  const rows = runs.map((o) => [
    o.name,
    o.state,
    ...columns.map((column) => cellText(column, o)),
    stepsText(o),
    o.members === undefined ? "" : String(o.members),
    ...(several ? [o.settings === undefined ? "" : String(o.settings)] : []),
    rangeText(o.metrics?.["fvu"] ?? []),
    o.pwMcc ? short(o.pwMcc.mean) : "",
    o.pwMcc ? short(o.pwMcc.null) : "",
    moment(o.changedAt),
  ]);
  const header = [
    "name",
    "status",
    ...columns.map(({ name }) => name),
    "steps",
    "members",
    ...(several ? ["settings"] : []),
    "FVU",
    "PW-MCC",
    "null",
    "when",
  ];
  return table(header, rows);
}
