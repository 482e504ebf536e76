/** @file Curves of arms over one quantity, such as a loss over tokens. */

import { z } from "zod";
import { mean } from "../../../base/statistics/mean.ts";
import { type CurvePoint, lineChart } from "../../../figures/plot/line-chart.ts";
import type { StudyResults } from "../study-results.ts";
import type { FigureKind } from "./figure-kind.ts";
import { axesKeys, type StudyAxes } from "./line-figure.ts";

/** Curves of arms: means over seeds, in a band from the lowest to the highest seed. */
export interface CurveFigure extends StudyAxes {
  readonly kind: "curves";
  readonly curves: readonly {
    readonly name: string;
    /** Number of the colour; default: position among the curves. */
    readonly colour?: number;
    readonly arm: string;
    readonly curve: string;
  }[];
}

/** The mean over seeds of an arm's curve, at the places of its first seed. */
export function meanCurve(results: StudyResults, arm: string, name: string): CurvePoint[] {
  const seeds = results.curves(arm, name);
  const [first] = seeds;
  if (!first) return [];
  return first.x.map((x, i) => {
    const values = seeds.flatMap(({ y }) => y[i] ?? []);
    const ends = { low: Math.min(...values), high: Math.max(...values) };
    return { x, y: mean(values), ...(values.length > 1 ? ends : {}) };
  });
}

const text = z.string().min(1);

export const curves: FigureKind<CurveFigure> = {
  schema: z.strictObject({
    kind: z.literal("curves"),
    ...axesKeys,
    curves: z.array(
      z.strictObject({
        name: text,
        colour: z.int().min(0).optional(),
        arm: text,
        curve: text,
      }),
    ),
  }),
  names: (figure) => ({
    arms: figure.curves.map(({ arm }) => arm),
    curves: figure.curves.map(({ curve }) => curve),
  }),
  reduced(figure, has) {
    const own = figure.curves.filter(({ arm }) => has(arm));
    return own.length > 0 ? { ...figure, curves: own } : undefined;
  },
  specification(results, { curves: own, kind: _, ...axes }) {
    return lineChart({
      ...axes,
      description: "Mean over seeds; bands reach from the lowest to the highest seed.",
      curves: own.map(({ name, colour, arm, curve }, i) => ({
        name,
        colour: colour ?? i,
        points: meanCurve(results, arm, curve),
      })),
    });
  },
};
