/**
 * @file The script that draws figures, loaded when a view first needs one: Observable Plot is larger
 *   than the rest of the page.
 */

import {
  areaY,
  axisX,
  axisY,
  dot,
  frame,
  gridY,
  line,
  link,
  plot,
  rect,
  ruleX,
  ruleY,
  scale,
  text,
} from "@observablehq/plot";
import { drawFigure } from "../../src/figures/plot/draw.ts";
import type { Plot, Specification } from "../../src/figures/plot/specification.ts";

/** What figures use of the library; the rest is a third of it. A test compares this with them. */
const USED = {
  areaY,
  axisX,
  axisY,
  dot,
  frame,
  gridY,
  line,
  link,
  plot,
  rect,
  ruleX,
  ruleY,
  scale,
  text,
};

/** A figure in the document, with its scales. */
export type DrawnFigure = ReturnType<typeof plot>;

declare global {
  /** Draws a figure; set by this script. */
  var concordFigures: ((figure: Specification, width: number) => DrawnFigure) | undefined;
}

globalThis.concordFigures = (figure, width) =>
  drawFigure(USED as unknown as Plot, figure, document, width);
