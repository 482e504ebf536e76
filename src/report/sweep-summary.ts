/** @file The numbers of a sweep: every setting's mean over seeds with its interval, and its paired difference from the first. */

import type { Metric } from "../metrics/metric.ts";
import { METRICS } from "../metrics/registry.ts";
import { gtMcc, independentMcc, pwMcc } from "../metrics/similarity.ts";
import type { ConsistencyResult, EvaluationResult } from "../runs/results.ts";
import { sharedSeeds } from "./shared-seeds.ts";
import { type MeanInterval, meanInterval } from "./statistics/mean-interval.ts";
import { type AxisValues, compareAxes, isReplicate } from "./sweep-axes.ts";

/** One run of a sweep; without results when it has not finished. */
export interface SweepRun {
  /** Its folder, relative to the sweep's. */
  readonly name: string;
  readonly axes: AxisValues;
  readonly evaluation?: EvaluationResult | undefined;
  readonly consistency?: ConsistencyResult | undefined;
}

/** A number of a finished run, and the null that goes with it. */
export interface RunNumber {
  readonly value: number;
  readonly null?: number;
}

/** A number that sweeps are compared by. */
export interface SweepMetric {
  readonly metric: Metric;
  of(run: SweepRun): RunNumber | undefined;
}

function mean(values: readonly (number | null | undefined)[]): number {
  return values.reduce((sum: number, v) => sum + (v ?? Number.NaN) / values.length, 0);
}

/** Mean of a reconstruction metric over the members that are not independent. */
function overMembers(name: string): SweepMetric {
  return {
    metric: METRICS.get(name)!,
    of({ evaluation }) {
      const members = evaluation?.members.filter((m) => m.coupled) ?? [];
      return members.length === 0
        ? undefined
        : { value: mean(members.map((m) => m.metrics[name])) };
    },
  };
}

function meanMcc(all: readonly { mcc: number; mcc_null: number }[]): RunNumber | undefined {
  if (all.length === 0) return undefined;
  return { value: mean(all.map((s) => s.mcc)), null: mean(all.map((s) => s.mcc_null)) };
}

/** What sweeps are compared by, in the order of tables. */
export const SWEEP_METRICS: readonly SweepMetric[] = [
  overMembers("fvu"),
  overMembers("dead_fraction"),
  {
    metric: pwMcc,
    of({ consistency }) {
      const pw = consistency?.pw_mcc;
      return pw && { value: pw.mean, null: pw.null };
    },
  },
  {
    metric: gtMcc,
    of({ consistency, evaluation }) {
      const members = new Set(evaluation?.members.filter((m) => m.coupled).map((m) => m.name));
      return meanMcc((consistency?.ground_truth ?? []).filter((g) => members.has(g.member)));
    },
  },
  {
    metric: independentMcc,
    of: ({ consistency }) => meanMcc(consistency?.independent ?? []),
  },
];

/** Mean over seeds, 95 % Student-t interval (absent for one seed) and the single values in the order of `runs`. */
export interface CellMetric extends MeanInterval {
  readonly values: readonly number[];
  readonly null?: number;
  /** This cell minus the first one, seed by seed. */
  readonly difference?: MeanInterval & { readonly values: readonly number[] };
}

/** One setting of a sweep: all its runs, which differ in seeds alone. */
export interface SweepCell {
  readonly axes: AxisValues;
  /** Runs that finished; their values are averaged. */
  readonly runs: readonly string[];
  readonly unfinished: readonly string[];
  /** By name of the metric, of those in `SWEEP_METRICS`; those that the runs do not have are left out. */
  readonly metrics: Readonly<Record<string, CellMetric>>;
}

/** summary.json of a sweep. */
export interface SweepSummary {
  readonly format: 1;
  readonly confidence: number;
  /** Axes that make cells, and those that repeat them. */
  readonly axes: readonly string[];
  readonly replicated_over: readonly string[];
  /** Runs in which pairs of members share a seed, and so began with the same weights: their PW-MCC is no evidence. */
  readonly shared_seeds: readonly string[];
  /** What data stands in for, wherever it does. */
  readonly substitutes: readonly string[];
  readonly cells: readonly SweepCell[];
}

const CONFIDENCE = 0.95;

function pick(values: AxisValues, keep: (axis: string) => boolean): AxisValues {
  return Object.fromEntries(Object.entries(values).filter(([key]) => keep(key)));
}

interface Grouped {
  readonly axes: AxisValues;
  readonly finished: readonly SweepRun[];
  readonly unfinished: readonly SweepRun[];
}

function grouped(runs: readonly SweepRun[]): Grouped[] {
  const cells = new Map<string, { axes: AxisValues; runs: SweepRun[] }>();
  for (const run of runs) {
    const axes = pick(run.axes, (axis) => !isReplicate(axis));
    const key = JSON.stringify(Object.entries(axes));
    const cell = cells.get(key) ?? { axes, runs: [] };
    cells.set(key, cell);
    cell.runs.push(run);
  }
  return [...cells.values()]
    .map((cell) => {
      const sorted = cell.runs.toSorted((a, b) =>
        compareAxes(pick(a.axes, isReplicate), pick(b.axes, isReplicate)),
      );
      const isFinished = (run: SweepRun) => run.evaluation !== undefined;
      return {
        axes: cell.axes,
        finished: sorted.filter(isFinished),
        unfinished: sorted.filter((run) => !isFinished(run)),
      };
    })
    .sort((a, b) => compareAxes(a.axes, b.axes));
}

/** Values by seed, for pairing. */
function bySeed(metric: SweepMetric, runs: readonly SweepRun[]): Map<string, number> {
  return new Map(
    runs.flatMap((run): [string, number][] => {
      const number = metric.of(run);
      const seed = JSON.stringify(Object.entries(pick(run.axes, isReplicate)));
      return number ? [[seed, number.value]] : [];
    }),
  );
}

function difference(
  metric: SweepMetric,
  cell: Grouped,
  first: Grouped,
): CellMetric["difference"] | undefined {
  const before = bySeed(metric, first.finished);
  const values = [...bySeed(metric, cell.finished)].flatMap(([seed, value]) => {
    const other = before.get(seed);
    return other === undefined ? [] : [value - other];
  });
  const interval = meanInterval(values, CONFIDENCE);
  return interval && { ...interval, values };
}

function cellMetric(metric: SweepMetric, cell: Grouped, first: Grouped): CellMetric | undefined {
  const numbers = cell.finished.map((run) => metric.of(run)).filter((n) => n !== undefined);
  const values = numbers.map((n) => n.value);
  const interval = meanInterval(values, CONFIDENCE);
  if (!interval) return undefined;
  const nulls = numbers.map((n) => n.null).filter((v) => v !== undefined);
  const change = cell === first ? undefined : difference(metric, cell, first);
  return {
    ...interval,
    values,
    ...(nulls.length > 0 ? { null: mean(nulls) } : {}),
    ...(change ? { difference: change } : {}),
  };
}

/**
 * Aggregates the runs of a sweep: runs that differ in seeds alone make a cell.
 *
 * Cells are in order of their axes, numbers by size; the first is what the others are compared with, paired by seed. Runs
 * that have not finished are named and not counted. A metric that is not a number in one of a cell's runs has no mean there.
 */
export function sweepSummary(runs: readonly SweepRun[]): SweepSummary {
  const cells = grouped(runs);
  const axes = Object.keys(runs[0]?.axes ?? {});
  const substitutes = runs.map((run) => run.evaluation?.substitute).filter((s) => s !== undefined);
  return {
    ...{ format: 1, confidence: CONFIDENCE },
    axes: axes.filter((axis) => !isReplicate(axis)),
    replicated_over: axes.filter(isReplicate),
    shared_seeds: runs
      .filter(({ evaluation: e, consistency: c }) => e && c && sharedSeeds(e, c))
      .map((run) => run.name),
    substitutes: [...new Set(substitutes)],
    cells: cells.map((cell) => ({
      axes: cell.axes,
      runs: cell.finished.map((run) => run.name),
      unfinished: cell.unfinished.map((run) => run.name),
      metrics: Object.fromEntries(
        SWEEP_METRICS.flatMap((metric) => {
          const value = cellMetric(metric, cell, cells[0]!);
          return value ? [[metric.metric.name, value]] : [];
        }),
      ),
    })),
  };
}
