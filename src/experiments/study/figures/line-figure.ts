/** @file A measure over a quantity that arms differ in, with its intervals and its null. */

import { z } from "zod";
import { type Curve, type CurvePoint, lineChart } from "../../../figures/plot/line-chart.ts";
import type { StudyResults } from "../study-results.ts";
import type { ArmMeasure, FigureKind } from "./figure-kind.ts";

/** A line over some arms. */
export interface StudyLine {
  readonly name: string;
  /** Number of the colour; default: position among the lines. */
  readonly colour?: number;
  /** Draw the nulls of the points in place of the points. */
  readonly isNull?: boolean;
  /** In ascending order of x. */
  readonly points: readonly (ArmMeasure & { readonly x: number })[];
}

/** Axes of figures with lines. */
export interface StudyAxes {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xKind?: "linear" | "log";
  readonly yKind?: "linear" | "log";
}

/** A measure of several arms over a quantity that they differ in, with bars for the intervals. */
export interface LineFigure extends StudyAxes {
  readonly kind: "lines";
  readonly lines: readonly StudyLine[];
  /** The dashed line of unrelated dictionaries: nulls of these points. */
  readonly nulls?: StudyLine["points"];
}

function pointsOf(results: StudyResults, { points, isNull }: StudyLine): CurvePoint[] {
  return points.map(({ x, arm, measure }) => {
    if (isNull) return { x, y: results.null(arm, measure) ?? Number.NaN };
    const { mean = Number.NaN, low, high } = results.cell(arm, measure) ?? {};
    return { x, y: mean, low, high, name: results.title(arm) };
  });
}

const text = z.string().min(1);
const points = z.array(z.strictObject({ x: z.number(), arm: text, measure: text }));
const axis = z.enum(["linear", "log"]).optional();

/** Keys of the axes, for schemas. */
export const axesKeys = {
  title: text,
  xLabel: text,
  yLabel: text,
  xKind: axis,
  yKind: axis,
};

const all = ({ lines: own, nulls = [] }: LineFigure) => [
  ...own.flatMap((line) => line.points),
  ...nulls,
];

export const lines: FigureKind<LineFigure> = {
  schema: z.strictObject({
    kind: z.literal("lines"),
    ...axesKeys,
    lines: z.array(
      z.strictObject({
        name: text,
        colour: z.int().min(0).optional(),
        isNull: z.boolean().optional(),
        points,
      }),
    ),
    nulls: points.optional(),
  }),
  names: (figure) => ({
    arms: all(figure).map(({ arm }) => arm),
    measures: all(figure).map(({ measure }) => measure),
  }),
  reduced(figure, has) {
    const known = (own: StudyLine["points"]) => own.filter(({ arm }) => has(arm));
    const kept = figure.lines.map((line) => ({ ...line, points: known(line.points) }));
    const some = kept.filter((line) => line.points.length > 0);
    return some.length === 0
      ? undefined
      : { ...figure, lines: some, nulls: known(figure.nulls ?? []) };
  },
  specification(results, figure) {
    const { lines: own, nulls = [], kind: _, ...axes } = figure;
    return lineChart({
      ...axes,
      description: "Mean over seeds; bars are 95 % intervals. Dashed: unrelated dictionaries.",
      curves: own.map(
        (line, i): Curve => ({
          name: line.name,
          colour: line.colour ?? i,
          points: pointsOf(results, line),
        }),
      ),
      marks: true,
      nullCurve: pointsOf(results, { name: "null", isNull: true, points: nulls }),
    });
  },
};
