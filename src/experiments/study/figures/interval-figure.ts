/** @file Means with their intervals, one row an arm. */

import { z } from "zod";
import { type IntervalRow, intervalChart } from "../../../figures/plot/interval-chart.ts";
import { styleOf } from "../number-words.ts";
import type { StudyCell, StudyResults } from "../study-results.ts";
import type { FigureKind } from "./figure-kind.ts";

/** A row of an interval chart. */
export interface StudyFigureRow {
  readonly arm: string;
  readonly measure: string;
  /** Default: the arm's title. */
  readonly title?: string;
  /** Relative change from this arm, in percent. */
  readonly change?: string;
  /** Difference from this arm. */
  readonly difference?: string;
  /** Number of the colour; default: 0. */
  readonly colour?: number;
}

/** A chart of means with their intervals; small dots are seeds. */
export interface IntervalFigure {
  readonly kind?: "intervals";
  readonly title: string;
  /** Of the axis. */
  readonly label: string;
  /** What the nulls of the rows are, as the legend says it. Default: unrelated dictionaries. */
  readonly nullName?: string;
  readonly rows: readonly StudyFigureRow[];
}

function scaled({ mean, low, high, values }: StudyCell, factor: number) {
  return {
    mean: factor * mean,
    values: values.map((value) => factor * value),
    ...(low === undefined ? {} : { low: factor * low }),
    ...(high === undefined ? {} : { high: factor * high }),
  };
}

function chartRow(results: StudyResults, row: StudyFigureRow): IntervalRow {
  const { arm, measure, change, difference, colour = 0 } = row;
  const name = row.title ?? results.title(arm);
  const percent = change !== undefined || styleOf(results.measure(measure)).percent;
  const cell =
    change !== undefined
      ? results.change(arm, change, measure)
      : difference !== undefined
        ? results.difference(arm, difference, measure)
        : results.cell(arm, measure);
  if (!cell) return { name, colour, mean: undefined };
  const value = scaled(cell, percent ? 100 : 1);
  const chance =
    change === undefined && difference === undefined ? results.null(arm, measure) : undefined;
  return { name, colour, ...value, ...(chance === undefined ? {} : { null: chance }) };
}

const text = z.string().min(1);

export const intervals: FigureKind<IntervalFigure> = {
  schema: z.strictObject({
    kind: z.literal("intervals").optional(),
    title: text,
    label: text,
    nullName: text.optional(),
    rows: z.array(
      z.strictObject({
        arm: text,
        measure: text,
        title: text.optional(),
        change: text.optional(),
        difference: text.optional(),
        colour: z.int().min(0).optional(),
      }),
    ),
  }),
  names: ({ rows }) => ({
    arms: rows.flatMap(({ arm, change, difference }) => [arm, change, difference]),
    measures: rows.map(({ measure }) => measure),
  }),
  reduced(figure, has) {
    const rows = figure.rows.filter(({ arm, change, difference }) =>
      [arm, change, difference].every((name) => name === undefined || has(name)),
    );
    return rows.length > 0 ? { ...figure, rows } : undefined;
  },
  specification(results, figure) {
    const compares = figure.rows.some(
      ({ change, difference }) => change !== undefined || difference !== undefined,
    );
    return intervalChart({
      title: figure.title,
      description: "Mean over seeds with its 95 % interval; small dots are seeds.",
      label: figure.label,
      rows: figure.rows.map((row) => chartRow(results, row)),
      ...(figure.nullName === undefined ? {} : { nullName: figure.nullName }),
      ...(compares ? { reference: 0, signed: true } : {}),
    });
  },
};
