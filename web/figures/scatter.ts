/** @file The script that draws very many dots, loaded when a map needs it: regl-scatterplot. */

import createScatterplot from "regl-scatterplot";

/** What is drawn. */
export interface ScatterOptions {
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Variable of the palette, by dot. */
  readonly colours: readonly string[];
  readonly width: number;
  readonly height: number;
  readonly onPoint: (i: number | undefined) => void;
  readonly onOpen: (i: number) => void;
}

/** A drawing that can be removed. */
export interface ScatterView {
  destroy(): void;
}

declare global {
  var concordScatter:
    | ((canvas: HTMLCanvasElement, options: ScatterOptions) => ScatterView)
    | undefined;
}

/** Values within ±1, as the library wants them. */
function scaled(values: readonly number[]): number[] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return values.map((v) => (1.9 * (v - low)) / (high - low || 1) - 0.95);
}

function asHex(colour: string): string {
  const context = document.createElement("canvas").getContext("2d")!;
  context.fillStyle = colour.trim();
  return context.fillStyle;
}

globalThis.concordScatter = (canvas, { x, y, colours, width, height, onPoint, onOpen }) => {
  const variables = getComputedStyle(document.documentElement);
  const names = [...new Set(colours)].sort();
  const place = new Map(names.map((name, i) => [name, i]));
  const value = (name: string) => asHex(variables.getPropertyValue(name));
  const plot = createScatterplot({
    canvas,
    width,
    height,
    pointSize: 3,
    opacity: 0.7,
    colorBy: "valueA",
    pointColor: names.map(value),
    backgroundColor: value("--fig-surface"),
    pointColorHover: value("--fig-ink"),
    pointColorActive: value("--fig-ink"),
    lassoInitiator: false,
  });
  plot.subscribe("pointOver", onPoint);
  plot.subscribe("pointOut", () => onPoint(undefined));
  plot.subscribe("select", ({ points }) => {
    if (points[0] !== undefined) onOpen(points[0]);
  });
  const category = Float32Array.from(colours, (name) => place.get(name)!);
  void plot.draw({ x: scaled(x), y: scaled(y), z: category });
  return { destroy: () => plot.destroy() };
};
