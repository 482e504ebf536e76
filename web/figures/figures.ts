/**
 * @file The script that draws figures, loaded when a view first needs one: Observable Plot is larger
 *   than the rest of the page.
 */

import { type Plot as Drawn, plot } from "@observablehq/plot";
import { type FigureData, SPECS } from "./specs.ts";

/** A figure in the document, with its scales. */
export type DrawnFigure = (SVGSVGElement | HTMLElement) & Drawn;

/** What the script leaves for the page. */
export interface FigureScript {
  draw<K extends keyof FigureData>(kind: K, data: FigureData[K], width: number): DrawnFigure;
}

declare global {
  var concordFigures: FigureScript | undefined;
}

globalThis.concordFigures = {
  draw(kind, data, width) {
    const spec = SPECS[kind] as (data: FigureData[typeof kind]) => Parameters<typeof plot>[0];
    return plot({ ...spec(data), width, className: "plot" }) as DrawnFigure;
  },
};
