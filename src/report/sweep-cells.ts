/**
 * @file The settings of a sweep: what its runs differ in, and what the members of each run differ
 *   in, with the numbers of each.
 */

import type { ConsistencyResult, EvaluationResult, MemberEvaluation } from "../runs/results.ts";
import { type SettingPart, settingParts } from "../runs/settings.ts";
import { type AxisValues, compareAxes, isReplicate } from "./sweep-axes.ts";

/** One run of a sweep; without results when it has not finished. */
export interface SweepRun {
  /** Its folder, relative to the sweep's. */
  readonly name: string;
  readonly axes: AxisValues;
  readonly evaluation?: EvaluationResult | undefined;
  readonly consistency?: ConsistencyResult | undefined;
  /** Whether a coupling pulls its members together: then they are not independent of each other. */
  readonly coupled?: boolean;
}

/** The members of one setting in one run. */
export interface CellPart extends SettingPart {
  readonly run: string;
  readonly coupled: boolean;
  /** The values of the run's axes that repeat it, as one text. */
  readonly seed: string;
}

/** One setting: the members that have it, in all runs. */
export interface Cell {
  readonly axes: AxisValues;
  /** Of finished runs, in the order of their seeds. */
  readonly parts: readonly CellPart[];
  readonly unfinished: readonly string[];
}

function pick(values: AxisValues, keep: (axis: string) => boolean): AxisValues {
  return Object.fromEntries(Object.entries(values).filter(([key]) => keep(key)));
}

const isSetting = (axis: string) => !isReplicate(axis);

/**
 * A run's axes with those of one of its settings, whose keys are those of the config's population.
 */
function withSetting(axes: AxisValues, { setting }: SettingPart): AxisValues {
  const own = Object.entries(setting).map(([key, value]) => [`population.${key}`, value]);
  const ofRun = Object.entries(axes).map(([key, value]) => [
    key,
    // A list of one value makes members of that value.
    key.startsWith("population.") && Array.isArray(value) && value.length === 1 ? value[0] : value,
  ]);
  return { ...Object.fromEntries(ofRun), ...Object.fromEntries(own) };
}

function idOf(axes: AxisValues): string {
  return JSON.stringify(Object.entries(axes).sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface Growing {
  readonly axes: AxisValues;
  readonly ofRun: string;
  readonly parts: CellPart[];
  readonly unfinished: string[];
}

/**
 * Groups the members of all runs by setting. Runs that differ in seeds alone make a cell, and so do
 * the members of a run that differ in seeds alone.
 *
 * Cells are in order of their axes, numbers by size. A run that has not finished is named in every
 * cell of its axes.
 */
export function sweepCells(runs: readonly SweepRun[]): Cell[] {
  const cells = new Map<string, Growing>();
  const cellOf = (axes: AxisValues, ofRun: string): Growing => {
    const id = idOf(axes);
    const cell = cells.get(id) ?? { axes, ofRun, parts: [], unfinished: [] };
    cells.set(id, cell);
    return cell;
  };
  const sorted = runs.toSorted((a, b) =>
    compareAxes(pick(a.axes, isReplicate), pick(b.axes, isReplicate)),
  );
  for (const { name, axes, evaluation, consistency, coupled = false } of sorted) {
    if (!evaluation) continue;
    const seed = idOf(pick(axes, isReplicate));
    const own = pick(axes, isSetting);
    for (const part of settingParts(evaluation, consistency))
      cellOf(withSetting(own, part), idOf(own)).parts.push({ ...part, run: name, coupled, seed });
  }
  for (const { name, axes, evaluation } of sorted) {
    if (evaluation) continue;
    const own = pick(axes, isSetting);
    const same = [...cells.values()].filter((cell) => cell.ofRun === idOf(own));
    for (const cell of same.length > 0 ? same : [cellOf(own, idOf(own))])
      cell.unfinished.push(name);
  }
  return [...cells.values()]
    .map(({ axes, parts, unfinished }) => ({ axes, parts, unfinished }))
    .sort((a, b) => compareAxes(a.axes, b.axes));
}

/**
 * Whether the members of a cell are its repetitions: one run whose members nothing pulls together.
 */
export function repeatsMembers({ parts }: Cell): boolean {
  return parts.length === 1 && !parts[0]!.coupled;
}

/** A part's numbers that are of one member alone. */
export function partOfMember(part: CellPart, member: MemberEvaluation): CellPart {
  return {
    ...part,
    members: [member],
    pairs: [],
    independent: [],
    truth: part.truth.filter((g) => g.member === member.name),
  };
}
