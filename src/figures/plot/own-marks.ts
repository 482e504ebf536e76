/** @file Marks that Plot does not have: SVG text put in as it is, and plots inside a plot. */

import type { PlotOptions, RenderFunction } from "@observablehq/plot";
import type { Plot } from "./specification.ts";

const SVG = "http://www.w3.org/2000/svg";

/** SVG text as a mark, in pixels of the figure. */
export function markup(text: string): RenderFunction {
  return (_index, _scales, _values, _dimensions, { document }) => {
    const group = document.createElementNS(SVG, "g");
    group.innerHTML = text;
    return group;
  };
}

/** A plot as a mark of another one: for figures that consist of several. */
export function inset(
  plot: Plot,
  options: PlotOptions,
  at: { readonly x: number; readonly y: number },
): RenderFunction {
  return (_index, _scales, _values, _dimensions, { document }) => {
    const group = document.createElementNS(SVG, "g");
    group.setAttribute("transform", `translate(${at.x},${at.y})`);
    group.append(...plot.plot({ ...options, document, className: "fig" }).childNodes);
    return group;
  };
}
