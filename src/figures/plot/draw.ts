/**
 * @file From a specification to a picture: Plot's SVG with the words that a screen reader says. The
 *   document is an argument, so that reports and pages draw the same.
 */

import type { PlotOptions } from "@observablehq/plot";
import { FIGURE_WIDTH, FONT_SIZE, identifier } from "../svg.ts";
import type { Plot, Specification } from "./specification.ts";

const SVG = "http://www.w3.org/2000/svg";

/**
 * Draws a figure. Its class is `fig`, and `FIGURE_CSS` has its colours and fonts. What each mark is
 * stands in `data-mark`: "line", "dot", "x-axis tick label".
 *
 * @param document The browser's, or one of linkedom.
 * @param width In pixels, or in units of a figure that is scaled to its column.
 */
export function drawFigure(
  plot: Plot,
  specification: Specification,
  document: NonNullable<PlotOptions["document"]>,
  width: number = FIGURE_WIDTH,
): ReturnType<Plot["plot"]> {
  const { title, description } = specification;
  const options = specification.options(plot, width);
  const svg = plot.plot({ ...options, document, className: "fig" });
  const id = `fig-${identifier(`${title}\n${description}`)}`;
  for (const style of svg.querySelectorAll("style")) style.remove();
  // To a screen reader the figure is one picture.
  for (const mark of svg.querySelectorAll("[aria-label]")) {
    mark.setAttribute("data-mark", mark.getAttribute("aria-label")!);
    mark.removeAttribute("aria-label");
  }
  for (const attribute of ["width", "height", "font-family"]) svg.removeAttribute(attribute);
  svg.setAttribute("font-size", String(FONT_SIZE));
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-labelledby", `${id}-t ${id}-d`);
  const words = [
    ["desc", `${id}-d`, description],
    ["title", `${id}-t`, title],
  ] as const;
  for (const [name, wordId, text] of words) {
    const element = document.createElementNS(SVG, name);
    element.setAttribute("id", wordId);
    element.textContent = text;
    svg.insertBefore(element, svg.firstChild);
  }
  return svg;
}
