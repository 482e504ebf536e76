/** @file Runs of a sweep as dots of sparsity and unexplained variance, with intervals over seeds. */

import type { RunLine } from "../../../src/server/api/runs.ts";
import type { TradeOffData } from "../../figures/specs.ts";
import { settingText } from "../../parts/words.ts";

/** 97.5 % points of Student's t distribution by degrees of freedom, from 1 on. */
const STUDENT = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23];

interface Interval {
  readonly mean: number;
  readonly ends: readonly [number, number] | undefined;
}

/** Mean and 95 % interval of independent values; no interval for a single one. */
export function interval(values: readonly number[]): Interval {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  if (n < 2) return { mean, ends: undefined };
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (n - 1);
  const half = (STUDENT[n - 2] ?? 1.96) * Math.sqrt(variance / n);
  return { mean, ends: [mean - half, mean + half] };
}

/** Keys that name a run or draw its numbers, rather than setting it. */
function isSetting(key: string): boolean {
  return key !== "name" && !/(^|\.)seeds?$/.test(key) && !key.endsWith("runs_folder");
}

/**
 * One dot per setting: runs and members that differ in their seeds alone are one. Dots that differ
 * in one number alone are joined by a line.
 */
export function tradeOffPoints(runs: readonly RunLine[], varying: readonly string[]): TradeOffData {
  const keys = varying.filter(isSetting);
  const settings = new Map<
    string,
    { values: Record<string, unknown>; l0: number[]; fvu: number[] }
  >();
  for (const run of runs)
    for (const { metrics, setting, coupled } of run.members) {
      const { l0, fvu } = metrics;
      if (typeof l0 !== "number" || typeof fvu !== "number" || !coupled) continue;
      const values = { ...Object.fromEntries(keys.map((k) => [k, run.settings[k]])), ...setting };
      const key = JSON.stringify(values);
      const known = settings.get(key) ?? { values, l0: [], fvu: [] };
      known.l0.push(l0);
      known.fvu.push(fvu);
      settings.set(key, known);
    }
  const all = [...settings.values()];
  const names = [...new Set(all.flatMap(({ values }) => Object.keys(values)))];
  const kinds = (key: string) => new Set(all.map(({ values }) => settingText(values[key])));
  // The numeric key with most values orders the dots of a line; all others name the line.
  const isNumber = (key: string) => all.every(({ values }) => typeof values[key] === "number");
  const varied = names.filter((key) => kinds(key).size > 1);
  const [along] = varied.filter(isNumber).sort((a, b) => kinds(b).size - kinds(a).size);
  const groupOf = (values: Record<string, unknown>) =>
    varied
      .filter((key) => key !== along)
      .map((key) => `${key.split(".").at(-1)} ${settingText(values[key])}`)
      .join(", ") || "runs";
  const points = all.map(({ values, l0, fvu }) => {
    const [x, y] = [interval(l0), interval(fvu)];
    return {
      name: names.map((key) => `${key.split(".").at(-1)} ${settingText(values[key])}`).join(", "),
      group: groupOf(values),
      l0: x.mean,
      fvu: y.mean,
      l0Interval: x.ends,
      fvuInterval: y.ends,
      seeds: l0.length,
    };
  });
  return { points, groups: [...new Set(points.map(({ group }) => group))].sort() };
}
