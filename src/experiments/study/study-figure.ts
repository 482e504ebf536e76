/** @file Figures of a study's page, as SVG files. */

import { onSurface } from "../../figures/on-surface.ts";
import { type IntervalRow, intervalChart } from "../../figures/plot/interval-chart.ts";
import { renderFigure } from "../../figures/plot/render.ts";
import { styleOf } from "./number-words.ts";
import type { StudyFigure, StudyFigureRow } from "./study.ts";
import type { StudyCell, StudyResults } from "./study-results.ts";

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

/** A figure of a study as the text of an SVG file. */
export function studyFigure(results: StudyResults, figure: StudyFigure): string {
  const compares = figure.rows.some(
    ({ change, difference }) => change !== undefined || difference !== undefined,
  );
  const drawing = intervalChart({
    title: figure.title,
    description: "Mean over seeds with its 95 % interval; small dots are seeds.",
    label: figure.label,
    rows: figure.rows.map((row) => chartRow(results, row)),
    ...(compares ? { reference: 0, signed: true } : {}),
  });
  return onSurface(renderFigure(drawing));
}
