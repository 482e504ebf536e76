/**
 * @file Scales: from values to places on the page, linear or logarithmic, and the ticks that go
 *   with them. They hold for any data: none, one value, values beyond what differences of doubles
 *   can hold, and what is not finite.
 */

import { fixed, powerOfTen, significant } from "./number-text.ts";

export type ScaleKind = "linear" | "log";

export interface Tick {
  readonly value: number;
  readonly at: number;
  readonly text: string;
}

export interface Scale {
  readonly kind: ScaleKind;
  readonly domain: readonly [number, number];
  readonly range: readonly [number, number];
  /** Place of a value; values outside the domain are put on its edge. Never NaN. */
  at(value: number): number;
  /** Whether a value has a place at all: finite, and positive on a logarithmic scale. */
  shows(value: number): boolean;
  readonly ticks: readonly Tick[];
}

export interface ScaleOptions {
  readonly kind?: ScaleKind;
  readonly range: readonly [number, number];
  /** The domain reaches at least over these. */
  readonly include?: readonly number[];
  /** Widens the domain to the next ticks. */
  readonly nice?: boolean;
  /** Ticks to aim for. */
  readonly ticks?: number;
  /** The least distance between ticks: 1 for a logarithm whose powers of ten are labelled. */
  readonly leastStep?: number;
  /** Text of a tick, when the number itself is not what it says. */
  readonly tickText?: (value: number) => string;
}

/** Larger and smaller values are drawn at these, so that no difference or ratio overflows. */
const LARGEST = 1e300;
const SMALLEST = 1e-300;

function tamed(value: number, kind: ScaleKind): number {
  const size = Math.abs(value);
  if (size > LARGEST) return Math.sign(value) * LARGEST;
  if (size < SMALLEST) return kind === "log" ? SMALLEST : 0;
  return value;
}

function hasPlace(value: number, kind: ScaleKind): boolean {
  return Number.isFinite(value) && (kind === "linear" || value > 0);
}

/** Smallest and largest of the values that have a place. */
function extent(values: Iterable<number>, kind: ScaleKind): [number, number] | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!hasPlace(value, kind)) continue;
    const v = tamed(value, kind);
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return low <= high ? [low, high] : undefined;
}

/** A domain with some width, whatever the data. */
function widened([low, high]: [number, number], kind: ScaleKind): [number, number] {
  if (kind === "log") {
    if (high / low > 1.01) return [low, high];
    return [Math.max(SMALLEST, low / 3), Math.min(LARGEST, high * 3)];
  }
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high / 2 - low / 2 > size * 1e-9) return [low, high];
  return size === 0 ? [0, 1] : [low - size / 2, high + size / 2];
}

/** 1, 2 or 5 times a power of ten, about `span / ticks`. */
function niceStep(span: number, ticks: number): number {
  const rough = span / Math.max(1, ticks);
  const power = 10 ** Math.floor(Math.log10(rough));
  const ratio = rough / power;
  return power * (ratio > 7.07 ? 10 : ratio > 3.16 ? 5 : ratio > 1.41 ? 2 : 1);
}

const MOST_TICKS = 40;

function linearTicks(
  [low, high]: readonly [number, number],
  ticks: number,
  leastStep = 0,
): number[] {
  const step = Math.max(niceStep(high - low, ticks), leastStep);
  const first = Math.ceil(low / step - 1e-9);
  const values: number[] = [];
  for (let i = 0; i < MOST_TICKS; i++) {
    const value = (first + i) * step;
    if (!(value <= high + step * 1e-9)) break;
    values.push(value);
  }
  return values;
}

/** Powers of ten; with less than two decades also 2 and 5 times them. */
function logTicks([low, high]: readonly [number, number], ticks: number): number[] {
  const from = Math.floor(Math.log10(low) + 1e-9);
  const to = Math.ceil(Math.log10(high) - 1e-9);
  const inside = (v: number) => v >= low * (1 - 1e-9) && v <= high * (1 + 1e-9);
  const every = Math.max(1, Math.ceil((to - from) / Math.max(1, ticks)));
  const decades: number[] = [];
  for (let e = Math.ceil(from / every) * every; e <= to; e += every)
    if (inside(10 ** e)) decades.push(10 ** e);
  if (to - from > 3 && decades.length > 1) return decades;
  for (const factors of [
    [1, 3],
    [1, 2, 5],
  ]) {
    const values: number[] = [];
    for (let e = from; e <= to; e++)
      for (const f of factors) if (inside(f * 10 ** e)) values.push(f * 10 ** e);
    if (values.length >= 3) return values.length <= 2 * ticks ? values : decades;
  }
  const values = linearTicks([low, high], Math.min(4, ticks)).filter((v) => v > 0);
  return values.length > 0 ? values : [low];
}

/**
 * Texts of linear ticks share their decimals; those of logarithmic ones are powers of ten, or plain
 * near 1.
 */
function tickTexts(values: readonly number[], kind: ScaleKind): string[] {
  const sizes = values.filter((v) => v !== 0).map(Math.abs);
  const largest = sizes.length === 0 ? 1 : Math.max(...sizes);
  if (kind === "log") {
    const decades = values.every((v) => Math.abs(Math.log10(v) - Math.round(Math.log10(v))) < 1e-9);
    if (decades && (largest > 1e4 || Math.min(...sizes) < 1e-3))
      return values.map((v) => powerOfTen(Math.round(Math.log10(v))));
    return values.map((v) => significant(v, 3));
  }
  const step = values.length > 1 ? Math.abs(values[1]! - values[0]!) : largest;
  const thousands = largest >= 1e4 && largest < 1e15;
  if (thousands && step >= 100) {
    const [unit, letter] =
      largest >= 1e12
        ? ([1e12, "T"] as const)
        : largest >= 1e9
          ? ([1e9, "G"] as const)
          : largest >= 1e6
            ? ([1e6, "M"] as const)
            : ([1e3, "k"] as const);
    return values.map((v) => (v === 0 ? "0" : `${significant(v / unit, 6)}${letter}`));
  }
  if (largest >= 1e15 || largest < 1e-4) return values.map((v) => significant(v, 3));
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return values.map((v) => (decimals > 8 ? significant(v, 8) : fixed(v, decimals)));
}

/**
 * A scale over the finite values (positive ones when logarithmic) and `include`; [0, 1], or [0.1,
 * 1], when there are none.
 */
export function makeScale(values: Iterable<number>, options: ScaleOptions): Scale {
  const { kind = "linear", range, include = [], nice = false, ticks: wanted = 5 } = options;
  const found = extent(values, kind);
  const all = extent([...(found ?? []), ...include], kind);
  let [low, high] = widened(all ?? (kind === "log" ? [0.1, 1] : [0, 1]), kind);
  if (nice && kind === "linear") {
    const step = niceStep(high - low, wanted);
    low = Math.floor(low / step + 1e-9) * step;
    high = Math.ceil(high / step - 1e-9) * step;
  }
  const warp = kind === "log" ? Math.log10 : (v: number) => v;
  const start = warp(low);
  const span = warp(high) - start;
  const [from, to] = range;
  const at = (value: number) => {
    const t = (warp(Math.min(high, Math.max(low, value))) - start) / span;
    return from + (to - from) * (t >= 0 ? Math.min(1, t) : 0);
  };
  const tickValues =
    kind === "log"
      ? logTicks([low, high], wanted)
      : linearTicks([low, high], wanted, options.leastStep);
  const texts = options.tickText ? tickValues.map(options.tickText) : tickTexts(tickValues, kind);
  return {
    kind,
    domain: [low, high],
    range,
    at,
    shows: (value) => hasPlace(value, kind),
    ticks: tickValues.map((value, i) => ({ value, at: at(value), text: texts[i]! })),
  };
}
