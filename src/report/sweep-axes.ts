/** @file What the runs of a sweep differ in, recovered from their configs. */

import { isObject } from "../base/json.ts";

/**
 * The values of the axes in one run, by the path of the config key:
 * `{ "coupling.weight": 3, seed: 1 }`.
 */
export type AxisValues = Readonly<Record<string, unknown>>;

/** Keys that decide where a run is stored, not what it is. */
const NAMES = new Set(["name", "runs_folder"]);

function leaves(node: unknown, path = ""): [string, unknown][] {
  if (!isObject(node)) return [[path, node]];
  return Object.entries(node).flatMap(([key, value]) =>
    path === "" && NAMES.has(key) ? [] : leaves(value, path === "" ? key : `${path}.${key}`),
  );
}

/**
 * The axes of a sweep: every config key that has not the same value in all runs, in the order of
 * the config.
 *
 * The folders' names say them too (`coupling.weight=3.seed=1`), but dots in keys and values make
 * those ambiguous. They do not show what changed between two calls of the same sweep either; the
 * configs do.
 *
 * @param configs The resolved config of each run.
 * @returns For each run its value of every axis; undefined where its config has no such key.
 */
export function sweepAxes(configs: readonly unknown[]): AxisValues[] {
  const all = configs.map((config) => new Map(leaves(config)));
  const paths = [...new Set(all.flatMap((one) => [...one.keys()]))];
  const differs = paths.filter(
    (path) => new Set(all.map((one) => JSON.stringify(one.get(path)))).size > 1,
  );
  return all.map((one) => Object.fromEntries(differs.map((path) => [path, one.get(path)])));
}

/** Whether runs that differ in this key alone are repetitions of each other. */
export function isReplicate(axis: string): boolean {
  return axis === "seed" || axis.endsWith(".seed");
}

/** An axis as people say it: the keys of the population are known without its name. */
export function axisName(axis: string): string {
  return axis.replace(/^population\./, "");
}

/** A value of an axis as text. */
export function axisValue(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "not set");
}

/** The values of some axes as words: `coupling.weight 3, k 16`. */
export function axisText(values: AxisValues): string {
  const words = Object.entries(values).map(
    ([key, value]) => `${axisName(key)} ${axisValue(value)}`,
  );
  return words.length === 0 ? "all runs" : words.join(", ");
}

function compareValues(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [textA, textB] = [JSON.stringify(a) ?? "", JSON.stringify(b) ?? ""];
  return textA < textB ? -1 : textA > textB ? 1 : 0;
}

/** Order of settings: by each axis, numbers by size, other values by their text. */
export function compareAxes(a: AxisValues, b: AxisValues): number {
  for (const key of Object.keys(a)) {
    const order = compareValues(a[key], b[key]);
    if (order !== 0) return order;
  }
  return 0;
}
