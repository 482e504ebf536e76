/** @file Runs of a sweep by sparsity and unexplained variance, with intervals over seeds. */

import { mean } from "../../../src/base/statistics/mean.ts";
import { meanInterval } from "../../../src/base/statistics/mean-interval.ts";
import { type CurvePoint, lineChart } from "../../../src/figures/plot/line-chart.ts";
import type { Specification } from "../../../src/figures/plot/specification.ts";
import type { RunLine } from "../../../src/server/api/runs.ts";
import { settingText } from "../../parts/words.ts";

/** Keys that name a run or draw its numbers, rather than setting it. */
function isSetting(key: string): boolean {
  return key !== "name" && !/(^|\.)seeds?$/.test(key) && !key.endsWith("runs_folder");
}

interface Setting {
  readonly values: Readonly<Record<string, unknown>>;
  readonly l0: number[];
  readonly fvu: number[];
}

/** Settings of all members that couplings include. Those that differ in seeds alone are one. */
function settingsOf(runs: readonly RunLine[], keys: readonly string[]): Setting[] {
  const settings = new Map<string, Setting>();
  for (const run of runs)
    for (const { metrics, setting, coupled } of run.members) {
      const { l0, fvu } = metrics;
      if (typeof l0 !== "number" || typeof fvu !== "number" || !coupled) continue;
      const values = { ...Object.fromEntries(keys.map((k) => [k, run.settings[k]])), ...setting };
      const key = JSON.stringify(values);
      const known = settings.get(key) ?? { values, l0: [], fvu: [] };
      settings.set(key, known);
      known.l0.push(l0);
      known.fvu.push(fvu);
    }
  return [...settings.values()];
}

function nameOf(keys: readonly string[], values: Setting["values"]): string {
  return keys.map((key) => `${key.split(".").at(-1)} ${settingText(values[key])}`).join(", ");
}

/**
 * FVU against L0, one dot per setting with the intervals of both over seeds. Dots that differ in
 * one number alone are joined by a line.
 *
 * @returns undefined unless settings differ in L0.
 */
export function tradeOff(
  runs: readonly RunLine[],
  varying: readonly string[],
): Specification | undefined {
  const all = settingsOf(runs, varying.filter(isSetting));
  const sparsities = all.map(({ l0 }) => mean(l0));
  const isSweep = Math.max(...sparsities) > 1.02 * Math.min(...sparsities);
  if (all.length < 2 || !isSweep) return undefined;
  const names = [...new Set(all.flatMap(({ values }) => Object.keys(values)))];
  const kinds = (key: string) => new Set(all.map(({ values }) => settingText(values[key]))).size;
  // The numeric key with most values orders the dots of a line; all others name the line.
  const isNumber = (key: string) => all.every(({ values }) => typeof values[key] === "number");
  const varied = names.filter((key) => kinds(key) > 1);
  const [along] = varied.filter(isNumber).sort((a, b) => kinds(b) - kinds(a));
  const others = varied.filter((key) => key !== along);
  const curves = new Map<string, CurvePoint[]>();
  for (const { values, l0, fvu } of all) {
    const [x, y] = [meanInterval(l0), meanInterval(fvu)];
    if (!x || !y) continue;
    const name = nameOf(others, values) || "all runs";
    const point = {
      x: x.mean,
      y: y.mean,
      low: y.low,
      high: y.high,
      left: x.low,
      right: x.high,
      name: nameOf(varied, values),
    };
    curves.set(name, [...(curves.get(name) ?? []), point]);
  }
  return lineChart({
    title: "FVU against L0",
    description: `${all.length} settings, each the mean over its seeds with 95 % intervals of both.`,
    curves: [...curves].map(([name, points]) => ({
      name,
      points: points.sort((a, b) => a.x - b.x),
    })),
    xLabel: "L0",
    yLabel: "FVU",
    marks: true,
  });
}
