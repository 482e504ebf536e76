/** @file The script that draws very many dots, loaded when a map needs it: regl-scatterplot. */

import createScatterplot from "regl-scatterplot";
import type { AtomMap } from "../../src/figures/latents/atom-map.ts";

/** What is drawn, and who is told. */
export interface ScatterOptions extends AtomMap {
  readonly width: number;
  readonly onPoint: (i: number | undefined) => void;
  readonly onOpen: (i: number) => void;
}

/** A drawing that can be removed. */
export interface ScatterView {
  destroy(): void;
}

declare global {
  /** Draws dots on a canvas; set by this script. @throws where there is no graphics processor. */
  var concordScatter:
    | ((canvas: HTMLCanvasElement, options: ScatterOptions) => Promise<ScatterView>)
    | undefined;
}

/** Values within ±0.95: the library draws what is within ±1. */
function scaled(values: readonly number[]): number[] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const v of values) {
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  return values.map((v) => (1.9 * (v - low)) / (high - low || 1) - 0.95);
}

/** A colour of the palette as the library reads it. */
function hexOf(variable: string): string {
  const value = getComputedStyle(document.documentElement).getPropertyValue(variable);
  const context = document.createElement("canvas").getContext("2d")!;
  context.fillStyle = value.trim();
  return context.fillStyle;
}

globalThis.concordScatter = async (canvas, options) => {
  const { x, y, colours, width, height, onPoint, onOpen } = options;
  const names = [...new Set(colours)].sort();
  const place = new Map(names.map((name, i) => [name, i]));
  const plot = createScatterplot({
    canvas,
    width,
    height,
    pointSize: 3,
    opacity: 0.7,
    colorBy: "valueA",
    pointColor: names.map(hexOf),
    backgroundColor: hexOf("--fig-surface"),
    pointColorHover: hexOf("--fig-ink"),
    pointColorActive: hexOf("--fig-ink"),
    lassoInitiator: false,
  });
  plot.subscribe("pointOver", onPoint);
  plot.subscribe("pointOut", () => onPoint(undefined));
  plot.subscribe("select", ({ points }) => {
    if (points[0] !== undefined) onOpen(points[0]);
  });
  const category = Float32Array.from(colours, (name) => place.get(name)!);
  await plot.draw({ x: scaled(x), y: scaled(y), z: category });
  return { destroy: () => plot.destroy() };
};
