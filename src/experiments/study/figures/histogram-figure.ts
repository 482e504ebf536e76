/** @file Histograms of arms in a grid, in the same bins. */

import { z } from "zod";
import { histogramGrid } from "../../../figures/plot/histogram-grid.ts";
import { meanCurve } from "./curve-figure.ts";
import type { FigureKind } from "./figure-kind.ts";

/** Histograms of arms in a grid, in the same bins; each is the mean over seeds. */
export interface HistogramFigure {
  readonly kind: "histograms";
  readonly title: string;
  readonly xLabel: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** The curve that has the lower ends of the bins, and how much is in each. */
  readonly curve: string;
  /** Whether x is a logarithm to the base ten. */
  readonly powers?: boolean;
  /** Arms by row and column. */
  readonly arms: readonly (readonly (string | undefined)[])[];
}

const text = z.string().min(1);

export const histograms: FigureKind<HistogramFigure> = {
  schema: z.strictObject({
    kind: z.literal("histograms"),
    title: text,
    xLabel: text,
    rows: z.array(text),
    columns: z.array(text),
    curve: text,
    powers: z.boolean().optional(),
    arms: z.array(z.array(z.union([z.undefined(), text]))),
  }),
  names: ({ arms, curve }) => ({ arms: arms.flat(), curves: [curve] }),
  reduced(figure, has) {
    const arms = figure.arms.map((row) =>
      row.map((arm) => (arm !== undefined && has(arm) ? arm : undefined)),
    );
    return arms.flat().some((arm) => arm !== undefined) ? { ...figure, arms } : undefined;
  },
  specification(results, { kind: _, arms, curve, powers = false, ...words }) {
    return histogramGrid({
      ...words,
      description: "Each histogram is the mean over seeds, on a vertical scale of its own.",
      powers,
      bins: (i, j) => {
        const arm = arms[i]?.[j];
        return arm === undefined ? [] : meanCurve(results, arm, curve);
      },
    });
  },
};
