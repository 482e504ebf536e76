/** @file What a kind of figure of studies provides: its keys, what it names, how it is drawn. */

import type { z } from "zod";
import type { Specification } from "../../../figures/plot/specification.ts";
import type { StudyResults } from "../study-results.ts";

/** A number of an arm, by its measure. */
export interface ArmMeasure {
  readonly arm: string;
  readonly measure: string;
}

/** What of a study a figure names. */
export interface FigureNames {
  readonly arms?: readonly (string | undefined)[];
  readonly measures?: readonly string[];
  readonly curves?: readonly string[];
}

/** A kind of figure; `F` is what a study declares of it. */
export interface FigureKind<F> {
  readonly schema: z.ZodType;
  /** What it names, to be checked before training. */
  names(figure: F): FigureNames;
  /** Without what `has` has not; undefined where nothing is left of it. */
  reduced(figure: F, has: (arm: string) => boolean): F | undefined;
  specification(results: StudyResults, figure: F): Specification;
}
