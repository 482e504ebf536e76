/** @file Figures of a study's page, as SVG files. */

import { onSurface } from "../../figures/on-surface.ts";
import { renderFigure } from "../../figures/plot/render.ts";
import { figureSpecification, type StudyFigure } from "./figures/kinds.ts";
import type { StudyResults } from "./study-results.ts";

/** A figure of a study as the text of an SVG file. */
export function studyFigure(results: StudyResults, figure: StudyFigure): string {
  return onSurface(renderFigure(figureSpecification(results, figure)));
}
