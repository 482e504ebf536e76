/**
 * @file The numbers of a sweep: every setting's mean over seeds with its interval, and its paired
 *   difference from the first.
 */

import { mean } from "../base/statistics/mean.ts";
import { type MeanInterval, meanInterval } from "../base/statistics/mean-interval.ts";
import { COMPARED_METRICS, type ComparedMetric, type RunNumber } from "../runs/compared-metrics.ts";
import { leftOut } from "../runs/settings.ts";
import { type AxisValues, isReplicate } from "./sweep-axes.ts";
import {
  type Cell,
  partOfMember,
  repeatsMembers,
  type SweepRun,
  sweepCells,
} from "./sweep-cells.ts";

/**
 * Mean over seeds, 95 % Student-t interval (absent for one seed) and the single values in the order
 * of the seeds.
 */
export interface CellMetric extends MeanInterval {
  readonly values: readonly number[];
  readonly null?: number;
  /** This cell minus the first one, seed by seed. */
  readonly difference?: MeanInterval & { readonly values: readonly number[] };
  /**
   * Whether no other setting has a better mean; absent where it is not the best, and where all are
   * alike.
   */
  readonly best?: true;
}

/** One setting of a sweep: all its runs, which differ in seeds alone. */
export interface SweepCell {
  readonly axes: AxisValues;
  /** Values that its means are over: runs, or the members of its only run. */
  readonly seeds: number;
  /** Runs that finished; their values are averaged. */
  readonly runs: readonly string[];
  readonly unfinished: readonly string[];
  /**
   * By name of the metric, of those in `COMPARED_METRICS`; those that the runs do not have are left
   * out.
   */
  readonly metrics: Readonly<Record<string, CellMetric>>;
}

/** summary.json of a sweep. */
export interface SweepSummary {
  readonly format: 1;
  readonly confidence: number;
  /** Axes that make cells: keys of the config that runs, or the members of a run, differ in. */
  readonly axes: readonly string[];
  /** Axes that repeat cells; `member` where the members of one run are the repetitions. */
  readonly replicated_over: readonly string[];
  /**
   * Runs with pairs of members of one setting and one seed, which began with the same weights: no
   * mean counts them.
   */
  readonly shared_seeds: readonly string[];
  /** What data stands in for, wherever it does. */
  readonly substitutes: readonly string[];
  readonly cells: readonly SweepCell[];
}

const CONFIDENCE = 0.95;

interface SeedNumber extends RunNumber {
  readonly seed: string;
}

/** A cell's numbers: by run, or by member where `split`. */
function numbersOf({ of }: ComparedMetric, { parts }: Cell, split: boolean): SeedNumber[] {
  const single = split
    ? parts.flatMap((part) =>
        part.members.map((m) => [`member ${m.seed}`, partOfMember(part, m)] as const),
      )
    : parts.map((part) => [part.seed, part] as const);
  return single.flatMap(([seed, part]) => {
    const number = of(part);
    return number ? [{ seed, ...number }] : [];
  });
}

/** Whether a metric's values are the members of a cell's only run. */
const splitting = (metric: ComparedMetric, overRuns: boolean) => (cell: Cell) =>
  !overRuns && metric.ofMembers && repeatsMembers(cell);

/**
 * A cell minus another, seed by seed.
 *
 * @param overRuns Whether runs repeat settings under several seeds, see `repeatedByRuns`.
 */
export function pairedDifference(
  metric: ComparedMetric,
  cell: Cell,
  first: Cell,
  overRuns: boolean,
): CellMetric["difference"] | undefined {
  const splits = splitting(metric, overRuns);
  const split = splits(cell) && splits(first);
  const before = new Map(numbersOf(metric, first, split).map((n) => [n.seed, n.value]));
  const values = numbersOf(metric, cell, split).flatMap(({ seed, value }) => {
    const other = before.get(seed);
    return other === undefined ? [] : [value - other];
  });
  const interval = meanInterval(values, CONFIDENCE);
  return interval && { ...interval, values };
}

function cellMetric(
  metric: ComparedMetric,
  cell: Cell,
  first: Cell,
  overRuns: boolean,
): CellMetric | undefined {
  const splits = splitting(metric, overRuns);
  const numbers = numbersOf(metric, cell, splits(cell));
  const values = numbers.map((n) => n.value);
  const interval = meanInterval(values, CONFIDENCE);
  if (!interval) return undefined;
  const nulls = numbers.map((n) => n.null).filter((v) => v !== undefined);
  const change = cell === first ? undefined : pairedDifference(metric, cell, first, overRuns);
  return {
    ...interval,
    values,
    ...(nulls.length > 0 ? { null: mean(nulls) } : {}),
    ...(change ? { difference: change } : {}),
  };
}

/** Marks the best mean of every metric that has a better end, where means differ. */
function withBest(cells: readonly SweepCell[]): SweepCell[] {
  const best = new Map(
    COMPARED_METRICS.flatMap(({ metric }): [string, number][] => {
      const means = cells.flatMap((cell) => cell.metrics[metric.name]?.mean ?? []);
      const [low, high] = [Math.min(...means), Math.max(...means)];
      if (metric.better === "neither" || means.length < 2 || low === high) return [];
      return [[metric.name, metric.better === "lower" ? low : high]];
    }),
  );
  return cells.map((cell) => ({
    ...cell,
    metrics: Object.fromEntries(
      Object.entries(cell.metrics).map(([name, value]): [string, CellMetric] => [
        name,
        value.mean === best.get(name) ? { ...value, best: true } : value,
      ]),
    ),
  }));
}

/** Whether the runs of a sweep repeat each other under several seeds. */
export function repeatedByRuns(runs: readonly SweepRun[]): boolean {
  return runs.some((run) => Object.keys(run.axes).some(isReplicate));
}

/**
 * Aggregates the runs of a sweep: members that differ in seeds alone make a cell.
 *
 * Where runs repeat a setting under several seeds, each run is one value, the mean over its
 * members. Where no seed is an axis, the members of a run are the values, unless a coupling pulls
 * them together. Cells are in order of their axes, numbers by size; the first is what the others
 * are compared with, paired by seed. Runs that have not finished are named and not counted. A
 * metric that is not a number in one of a cell's runs has no mean there.
 */
export function sweepSummary(runs: readonly SweepRun[]): SweepSummary {
  const cells = sweepCells(runs);
  const keys = [...new Set(runs.flatMap((run) => Object.keys(run.axes)))];
  const replicates = keys.filter(isReplicate);
  const overRuns = repeatedByRuns(runs);
  const overMembers =
    !overRuns && cells.some((c) => repeatsMembers(c) && c.parts[0]!.members.length > 1);
  const substitutes = runs.map((run) => run.evaluation?.substitute).filter((s) => s !== undefined);
  return {
    format: 1,
    confidence: CONFIDENCE,
    axes: [...new Set(cells.flatMap((cell) => Object.keys(cell.axes)))],
    replicated_over: overMembers ? ["member"] : replicates,
    shared_seeds: runs
      .filter(({ evaluation: e, consistency: c }) => e && c && leftOut(e, c).sharedSeed.length > 0)
      .map((run) => run.name),
    substitutes: [...new Set(substitutes)],
    cells: withBest(
      cells.map((cell) => ({
        axes: cell.axes,
        seeds:
          !overRuns && repeatsMembers(cell) ? cell.parts[0]!.members.length : cell.parts.length,
        runs: cell.parts.map((part) => part.run),
        unfinished: cell.unfinished,
        metrics: Object.fromEntries(
          COMPARED_METRICS.flatMap((metric) => {
            const value = cellMetric(metric, cell, cells[0]!, overRuns);
            return value ? [[metric.metric.name, value]] : [];
          }),
        ),
      })),
    ),
  };
}
