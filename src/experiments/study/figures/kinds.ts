/** @file All kinds of figures that a study's page can have. */

import { z } from "zod";
import type { Specification } from "../../../figures/plot/specification.ts";
import type { StudyResults } from "../study-results.ts";
import { type CurveFigure, curves } from "./curve-figure.ts";
import type { FigureKind, FigureNames } from "./figure-kind.ts";
import { type HeatFigure, heat } from "./heat-figure.ts";
import { type HistogramFigure, histograms } from "./histogram-figure.ts";
import { type IntervalFigure, intervals } from "./interval-figure.ts";
import { type LineFigure, lines } from "./line-figure.ts";

/** A figure of a study's page; one without a kind is a chart of intervals. */
export type StudyFigure = IntervalFigure | LineFigure | CurveFigure | HeatFigure | HistogramFigure;

const KINDS = { intervals, lines, curves, heat, histograms } as const;

/** The kind of a figure. The cast is sound because a kind and its figures share a name. */
function kindOf(figure: StudyFigure): FigureKind<StudyFigure> {
  return KINDS[figure.kind ?? "intervals"] as unknown as FigureKind<StudyFigure>;
}

/** What a study file may declare as a figure. */
export const figureSchema = z
  .looseObject({ kind: z.enum(Object.keys(KINDS)).optional() })
  .superRefine((figure, context) => {
    const { schema } = KINDS[(figure.kind ?? "intervals") as keyof typeof KINDS];
    const { error } = schema.safeParse(figure);
    for (const { path, message } of error?.issues ?? [])
      context.addIssue({ code: "custom", path: [...path], message });
  });

/** What of a study a figure names. */
export function namesOfFigure(figure: StudyFigure): FigureNames {
  return kindOf(figure).names(figure);
}

/** A figure without the arms that `has` has not; undefined where nothing is left of it. */
export function reducedFigure(
  figure: StudyFigure,
  has: (arm: string) => boolean,
): StudyFigure | undefined {
  return kindOf(figure).reduced(figure, has);
}

/** A figure before it is drawn. */
export function figureSpecification(results: StudyResults, figure: StudyFigure): Specification {
  return kindOf(figure).specification(results, figure);
}
