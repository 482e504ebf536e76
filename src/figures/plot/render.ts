/**
 * @file Figures as SVG text, for reports and files. Plot and the document that it draws into are
 *   loaded with the first figure.
 */

import { createRequire } from "node:module";
import { FIGURE_WIDTH, printable } from "../svg.ts";
import { drawFigure } from "./draw.ts";
import { relativePath } from "./relative-path.ts";
import type { Plot, Specification } from "./specification.ts";

/**
 * What stays resident once a report was drawn: the code of both libraries, and what drawing leaves
 * to V8. Measured over sweeps on Linux with Node 20.
 */
export const DRAWING_BYTES = 44 * 2 ** 20;

const require = createRequire(import.meta.url);

interface Studio {
  readonly plot: Plot;
  readonly document: Parameters<typeof drawFigure>[2];
}

let studio: Studio | undefined;

/** `require`, because a report is put together without waiting; Node 20.19 and later can. */
function load(): Studio {
  const plot = require("@observablehq/plot") as Plot;
  const { parseHTML } = require("linkedom") as typeof import("linkedom");
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  return { plot, document };
}

/** Coordinates to a hundredth of a pixel, and lines to a tenth: more only makes pages heavy. */
function shortened(markup: string): string {
  return markup.replace(/<[^>]*>/g, (tag) =>
    tag
      .replace(/ d="([^"]*)"/, (_, d: string) => ` d="${relativePath(d)}"`)
      .replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (number) =>
        String(Math.round(Number(number) * 100) / 100 || 0),
      )
      .replace(/ \/>$/, "/>"),
  );
}

/** The same figure as the same bytes, whatever was drawn before. */
export function renderFigure(specification: Specification, width: number = FIGURE_WIDTH): string {
  studio ??= load();
  const svg = drawFigure(studio.plot, specification, studio.document, width);
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return printable(shortened(svg.outerHTML));
}
