/** @file A table of means as colours, each with its number. */

import { z } from "zod";
import { heatMap } from "../../../figures/plot/heat-map.ts";
import type { ArmMeasure, FigureKind } from "./figure-kind.ts";

/** Means of arms in a table, as colours from the lowest null to 1. */
export interface HeatFigure {
  readonly kind: "heat";
  readonly title: string;
  /** Of the colours. */
  readonly label: string;
  readonly rows: readonly string[];
  /** Default: the rows. */
  readonly columns?: readonly string[];
  /** By row and column; undefined where there is none. */
  readonly cells: readonly (readonly (ArmMeasure | undefined)[])[];
}

const text = z.string().min(1);
const known = ({ cells }: HeatFigure) => cells.flat().filter((cell) => cell !== undefined);

export const heat: FigureKind<HeatFigure> = {
  schema: z.strictObject({
    kind: z.literal("heat"),
    title: text,
    label: text,
    rows: z.array(text),
    columns: z.array(text).optional(),
    cells: z.array(z.array(z.union([z.undefined(), z.strictObject({ arm: text, measure: text })]))),
  }),
  names: (figure) => ({
    arms: known(figure).map(({ arm }) => arm),
    measures: known(figure).map(({ measure }) => measure),
  }),
  reduced(figure, has) {
    const cells = figure.cells.map((row) =>
      row.map((cell) => (cell && has(cell.arm) ? cell : undefined)),
    );
    return cells.flat().some((cell) => cell !== undefined) ? { ...figure, cells } : undefined;
  },
  specification(results, figure) {
    const { title, label, rows, columns, cells } = figure;
    const nulls = known(figure).flatMap(({ arm, measure }) => results.null(arm, measure) ?? []);
    return heatMap({
      title,
      description: "Means over seeds; the palest colour is the lowest null of any cell.",
      label,
      names: rows,
      columns: columns ?? rows,
      value(i, j) {
        const cell = cells[i]?.[j];
        return cell && results.cell(cell.arm, cell.measure)?.mean;
      },
      ...(nulls.length > 0 ? { null: Math.min(...nulls) } : {}),
    });
  },
};
