/**
 * @file How lines and texts look, as options of Plot's marks. Colours are CSS variables, so that
 *   they follow light and dark; see `palette.ts`.
 */

import { COLOURS, seriesColour, seriesDash } from "../palette.ts";

/** A line's look. */
export interface Line {
  readonly stroke: string;
  readonly strokeWidth: number;
  readonly strokeDasharray?: string;
  readonly strokeLinecap?: "round" | "butt";
}

/** Where unrelated dictionaries would be. */
export const NULL_LINE: Line = {
  stroke: COLOURS.null,
  strokeWidth: 1.25,
  strokeDasharray: "1.5 3",
  strokeLinecap: "round",
};

/** A line through points. */
export const FIT_LINE: Line = {
  stroke: COLOURS.ink,
  strokeWidth: 1.5,
  strokeDasharray: "6 4",
  strokeLinecap: "butt",
};

/** The line of a series, by its number. */
export function seriesLine(series: number): Line {
  const dash = seriesDash(series);
  return {
    stroke: seriesColour(series),
    strokeWidth: 1.75,
    ...(dash === undefined ? {} : { strokeDasharray: dash }),
  };
}
