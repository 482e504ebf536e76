/**
 * @file What a figure is before it is drawn: its words, and options of Observable Plot that follow
 *   from its data. A report draws it with a document of its own, a page with the browser's.
 */

import type { PlotOptions } from "@observablehq/plot";
import type { FigureWords } from "../svg.ts";

/**
 * The library, as an argument: specifications are made where it is not loaded, and only drawing
 * loads it.
 */
export type Plot = typeof import("@observablehq/plot");

/** Marks of Plot, or functions that draw something of their own. */
export type Marks = NonNullable<PlotOptions["marks"]>;

export interface Specification extends FigureWords {
  /**
   * Options of `Plot.plot`, without a document.
   *
   * @param width Pixels, or units of a figure that is scaled to its column. Texts are laid out for
   *   a size of `FONT_SIZE`.
   */
  options(plot: Plot, width: number): PlotOptions;
}

/** A channel in pixels of the figure, beside channels that go through scales. */
export interface PixelChannel<T> {
  readonly value: (datum: T) => number;
  readonly scale: null;
}

/**
 * Makes a channel in pixels.
 *
 * @example plot.text(notes, { x: px((note) => note.x), y: px((note) => note.y) })
 */
export function px<T>(value: (datum: T) => number): PixelChannel<T> {
  return { value, scale: null };
}

/** A scale for figures drawn in pixels alone: marks of Plot pass over such channels without one. */
export const PIXELS = { type: "linear", domain: [0, 1], axis: null } as const;
