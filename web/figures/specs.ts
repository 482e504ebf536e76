/**
 * @file The figures of the page as specifications of Observable Plot: pure functions from data to
 *   options. Colours are the variables of the house's palette.
 */

import * as Plot from "@observablehq/plot";

/** Options of a plot but for its width. */
type Spec = Plot.PlotOptions;

const QUIET = "var(--fig-quiet)";
const NULL = "var(--fig-null)";
const INK = "var(--fig-ink)";

/** Room for ticks and the label of a horizontal axis, one above the other. */
const BOTTOM = 40;

/** Colours of series, in their order. */
const SERIES = Array.from({ length: 7 }, (_, i) => `var(--fig-c${i})`);

/** Smallest and largest of values. */
function extent(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

/** Ticks of a logarithmic axis: powers of ten, and 2 and 5 of each where there are few. */
function logTicks(values: readonly number[]): number[] {
  const [low, high] = extent(values);
  if (!(low > 0 && Number.isFinite(high))) return [];
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const steps = Math.log10(high / low) > 1.5 ? [1] : [1, 2, 5];
  const powers = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
  const all = powers.flatMap((power) => steps.map((step) => step * power));
  return all.filter((tick) => tick >= low / 1.01 && tick <= high * 1.01);
}

/** A curve of each member over the steps. */
export interface CurvesData {
  readonly series: readonly {
    readonly name: string;
    readonly step: readonly number[];
    readonly value: readonly (number | null)[];
  }[];
  readonly label: string;
  readonly isLog?: boolean;
  readonly height?: number;
}

export function curves({ series, label, isLog, height }: CurvesData): Spec {
  const points = series.flatMap(({ name, step, value }) =>
    step.flatMap((x, i) => {
      const y = value[i];
      return typeof y === "number" && Number.isFinite(y) && (!isLog || y > 0)
        ? [{ x, y, name }]
        : [];
    }),
  );
  const ticks = isLog ? logTicks(points.map(({ y }) => y)) : 4;
  return {
    height: height ?? 190,
    marginLeft: 46,
    marginTop: label === "" ? 8 : 22,
    marginBottom: BOTTOM,
    x: { label: "steps", ticks: 4, tickFormat: "~s" },
    y: { label: label === "" ? null : label, type: isLog ? "log" : "linear", nice: !isLog },
    color: { domain: series.map(({ name }) => name), range: SERIES },
    marks: [
      Plot.gridY({ ticks }),
      Plot.axisY({ ticks, tickFormat: "~g", label: label === "" ? null : label, tickSize: 0 }),
      Plot.line(points, { x: "x", y: "y", stroke: "name", strokeWidth: 1.5 }),
      Plot.tip(
        points,
        Plot.pointerX({
          x: "x",
          y: "y",
          title: (p) => `${p.name}\n${p.x}: ${p.y.toPrecision(4)}`,
          fill: "var(--fig-surface)",
        }),
      ),
    ],
  };
}

/** Runs of a sweep by sparsity and what they leave unexplained. */
export interface TradeOffData {
  readonly points: readonly {
    readonly name: string;
    readonly group: string;
    readonly l0: number;
    readonly fvu: number;
    /** Ends of the 95 % interval over seeds; undefined for a single one. */
    readonly l0Interval: readonly [number, number] | undefined;
    readonly fvuInterval: readonly [number, number] | undefined;
    readonly seeds: number;
  }[];
  readonly groups: readonly string[];
}

export function tradeOff({ points, groups }: TradeOffData): Spec {
  const [withFvu, withL0] = [
    points.filter((p) => p.fvuInterval),
    points.filter((p) => p.l0Interval),
  ];
  return {
    height: 320,
    marginLeft: 46,
    marginBottom: BOTTOM,
    x: { label: "L0", grid: true, nice: true, ticks: 6 },
    y: { label: "FVU", grid: true, nice: true, ticks: 5 },
    color: { domain: groups, range: SERIES, legend: groups.length > 1 },
    marks: [
      Plot.line(
        [...points].sort((a, b) => a.l0 - b.l0),
        { x: "l0", y: "fvu", stroke: "group", strokeOpacity: 0.5 },
      ),
      Plot.ruleX(withFvu, {
        x: "l0",
        y1: (p) => p.fvuInterval[0],
        y2: (p) => p.fvuInterval[1],
        stroke: "group",
        strokeWidth: 1.5,
      }),
      Plot.ruleY(withL0, {
        y: "fvu",
        x1: (p) => p.l0Interval[0],
        x2: (p) => p.l0Interval[1],
        stroke: "group",
        strokeWidth: 1.5,
      }),
      Plot.dot(points, { x: "l0", y: "fvu", fill: "group", r: 4 }),
      Plot.tip(
        points,
        Plot.pointer({
          x: "l0",
          y: "fvu",
          title: (p) =>
            `${p.name}\nL0 ${p.l0.toPrecision(4)}, FVU ${p.fvu.toPrecision(4)}${p.seeds > 1 ? `\n${p.seeds} seeds` : ""}`,
          fill: "var(--fig-surface)",
        }),
      ),
    ],
  };
}

/** The grid and the axis of logarithmic values. */
function logAxis(values: readonly number[], label: string): Plot.Markish[] {
  const ticks = logTicks(values);
  return [Plot.gridX({ ticks }), Plot.axisX({ ticks, tickFormat: "~g", label })];
}

/** Latents as dots. */
export interface ScatterData {
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** What colours a dot: the name of a series, by latent. */
  readonly group?: readonly string[];
  readonly groups?: readonly string[];
  /** A number that colours a dot, by latent, in place of its group. */
  readonly amount?: readonly number[];
  readonly xLabel: string;
  readonly yLabel: string;
  readonly xLog?: boolean;
  readonly xDomain?: readonly [number, number];
  readonly yDomain?: readonly [number, number];
  /** What unrelated directions show, along either axis. */
  readonly xNull?: number;
  readonly yNull?: number;
  readonly hasFit?: boolean;
  /** Whether dots are drawn elsewhere, and only the frame here. */
  readonly frameOnly?: boolean;
  /** Whether there are no axes. */
  readonly isMap?: boolean;
  readonly height?: number;
}

export function scatter(data: ScatterData): Spec {
  const { x, y, group, groups, amount, isMap } = data;
  const points = Array.from(x, (_, i) => i).filter(
    (i) => Number.isFinite(x[i]) && Number.isFinite(y[i]) && (!data.xLog || x[i]! > 0),
  );
  const at = { x: (i: number) => x[i]!, y: (i: number) => y[i]! };
  const colour = amount ? (i: number) => amount[i]! : group ? (i: number) => group[i]! : SERIES[0]!;
  const color: Plot.ScaleOptions = amount
    ? { type: "linear", interpolate: ramp }
    : { domain: groups ?? [], range: SERIES };
  return {
    height: data.height ?? 320,
    marginLeft: isMap ? 4 : 44,
    marginRight: isMap ? 4 : 16,
    marginTop: isMap ? 4 : 26,
    marginBottom: isMap ? 4 : BOTTOM,
    x: {
      label: data.xLabel,
      type: data.xLog ? "log" : "linear",
      ...(isMap || data.xLog ? { axis: null } : { grid: true, ticks: 6 }),
      ...(data.xDomain ? { domain: data.xDomain } : {}),
    },
    y: {
      label: data.yLabel,
      grid: !isMap,
      ticks: 6,
      ...(isMap ? { axis: null } : {}),
      ...(data.yDomain ? { domain: data.yDomain } : {}),
    },
    color,
    marks: [
      ...(data.xLog && !isMap ? logAxis(points.map(at.x), data.xLabel) : []),
      data.yNull === undefined
        ? null
        : Plot.ruleY([data.yNull], { stroke: NULL, strokeDasharray: "2 3" }),
      data.xNull === undefined
        ? null
        : Plot.ruleX([data.xNull], { stroke: NULL, strokeDasharray: "2 3" }),
      data.yNull === undefined
        ? null
        : Plot.text([data.yNull], {
            y: (d) => d,
            text: () => "null",
            frameAnchor: "right",
            textAnchor: "end",
            dy: -7,
            fill: NULL,
          }),
      data.frameOnly
        ? Plot.dot(points.length > 0 ? extremes(points, at) : [], { ...at, r: 0 })
        : Plot.dot(points, {
            ...at,
            fill: colour,
            fillOpacity: 0.6,
            r: points.length > 1500 ? 1.7 : 2.4,
          }),
      data.hasFit && points.length > 2
        ? Plot.linearRegressionY(points, {
            ...at,
            stroke: INK,
            strokeDasharray: "6 4",
            fillOpacity: 0.12,
          })
        : null,
    ],
  };
}

/** Colour between the ends of the palette's ramp: its six steps, one after the other. */
function ramp(t: number): string {
  return `var(--fig-r${Math.min(5, Math.max(0, Math.floor(t * 6)))})`;
}

/** The dots that decide the scales. */
function extremes(
  points: readonly number[],
  at: { readonly x: (i: number) => number; readonly y: (i: number) => number },
): number[] {
  const by = (of: (i: number) => number) => {
    let [low, high] = [points[0]!, points[0]!];
    for (const i of points) {
      if (of(i) < of(low)) low = i;
      if (of(i) > of(high)) high = i;
    }
    return [low, high];
  };
  return [...by(at.x), ...by(at.y)];
}

/** Counts over bins of equal width. */
export interface HistogramData {
  /** Lower edge of the first bin. */
  readonly from: number;
  readonly width: number;
  readonly counts: readonly number[];
  readonly xLabel: string;
  readonly yLabel: string;
  readonly null?: number;
  readonly height?: number;
  /** Ticks as powers of ten. */
  readonly isLog10?: boolean;
}

export function histogram(data: HistogramData): Spec {
  const { from, width, counts } = data;
  const bins = counts.map((count, i) => ({
    count,
    from: from + i * width,
    to: from + (i + 1) * width,
  }));
  return {
    height: data.height ?? 150,
    marginLeft: 44,
    marginTop: 22,
    marginBottom: BOTTOM,
    x: {
      label: data.xLabel,
      ticks: 5,
      ...(data.isLog10 ? { tickFormat: (d: number) => `1e${d}` } : {}),
    },
    y: { label: data.yLabel, ticks: 3, grid: true, tickFormat: "~s" },
    marks: [
      Plot.rectY(bins, {
        x1: "from",
        x2: "to",
        y: "count",
        fill: SERIES[0]!,
        fillOpacity: 0.75,
        insetLeft: 0.5,
        insetRight: 0.5,
        title: (b) => `${b.from.toPrecision(3)} to ${b.to.toPrecision(3)}: ${b.count}`,
      }),
      data.null === undefined
        ? null
        : Plot.ruleX([data.null], { stroke: NULL, strokeWidth: 1.5, strokeDasharray: "2 3" }),
      data.null === undefined
        ? null
        : Plot.text([data.null], {
            x: (d) => d,
            text: () => "null",
            frameAnchor: "top",
            textAnchor: "start",
            dx: 4,
            fill: NULL,
          }),
      Plot.ruleY([0], { stroke: QUIET }),
    ],
  };
}

/** Partners of a latent on the axis of their cosine. */
export interface PartnersData {
  readonly partners: readonly {
    readonly member: string;
    readonly cosine: number;
    readonly counts: boolean;
  }[];
  readonly threshold: number;
  readonly null: number | null;
}

export function partners({ partners: all, threshold, null: nothing }: PartnersData): Spec {
  return {
    height: 62,
    marginLeft: 8,
    marginRight: 8,
    marginTop: 18,
    marginBottom: 26,
    x: { domain: [0, 1], label: null, ticks: [0, 0.25, 0.5, 0.75, 1], tickFormat: ".2~f" },
    y: { axis: null },
    marks: [
      Plot.ruleY([0], { stroke: "var(--fig-rule)", strokeWidth: 1.5 }),
      Plot.tickX([threshold], { stroke: QUIET }),
      Plot.text([threshold], {
        x: (d) => d,
        y: () => 0,
        text: () => "counts →",
        dy: -14,
        textAnchor: "start",
        fill: QUIET,
      }),
      nothing === null ? null : Plot.tickX([nothing], { stroke: NULL, strokeWidth: 2 }),
      nothing === null
        ? null
        : Plot.text([nothing], {
            x: (d) => d,
            y: () => 0,
            text: () => "null",
            dy: -14,
            fill: NULL,
          }),
      Plot.dot(all, {
        x: "cosine",
        y: () => 0,
        r: 5,
        fill: (p) => (p.counts ? SERIES[0] : "var(--fig-surface)"),
        stroke: SERIES[0]!,
        strokeWidth: 1.5,
        title: (p) => `${p.member} ${p.cosine.toFixed(3)}`,
      }),
    ],
  };
}

/** Latents of each member by the number of other members that have them. */
export interface RecurringData {
  readonly members: readonly { readonly name: string; readonly recurring: readonly number[] }[];
}

export function recurring({ members }: RecurringData): Spec {
  const most = Math.max(1, ...members.map((m) => m.recurring.length - 1));
  const rows = members.flatMap(({ name, recurring: counts }) =>
    counts.map((count, found) => ({ name, found, count })),
  );
  return {
    height: 24 * members.length + 60,
    marginLeft: 96,
    marginRight: 8,
    marginTop: 8,
    marginBottom: BOTTOM,
    x: { label: "latents", grid: true, tickFormat: "~s", ticks: 5 },
    y: { label: null, domain: members.map((m) => m.name) },
    color: {
      type: "ordinal",
      domain: Array.from({ length: most + 1 }, (_, i) => i),
      range: Array.from(
        { length: most + 1 },
        (_, i) => `var(--fig-h${Math.round(1 + (7 * i) / most)})`,
      ),
      legend: true,
      label: "other members that have it",
    },
    marks: [
      Plot.barX(
        rows,
        Plot.stackX({
          x: "count",
          y: "name",
          fill: "found",
          insetRight: 0.5,
          title: (r) => `${r.name}: ${r.count} found in ${r.found}`,
        }),
      ),
    ],
  };
}

/** All figures by name. */
export const SPECS = { curves, tradeOff, scatter, histogram, partners, recurring };

/** Data of each figure. */
export type FigureData = { [K in keyof typeof SPECS]: Parameters<(typeof SPECS)[K]>[0] };
