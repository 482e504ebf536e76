/**
 * @file Axes of numbers: over which values they reach, where their ticks are, and how these are
 *   written. They hold for any data: none, one value, and differences beyond doubles.
 */

import { range, ticks as roundTicks, tickStep } from "d3-array";
import { fixed, powerOfTen, significant } from "../number-text.ts";
import { textWidth } from "../text-width.ts";

export type AxisKind = "linear" | "log";

export interface AxisOptions {
  readonly label: string;
  /** What is drawn; values without a place are passed over. */
  readonly values: Iterable<number>;
  readonly kind?: AxisKind;
  /** The axis reaches at least over these. */
  readonly include?: readonly number[];
  /** Widens the axis to the next ticks. */
  readonly nice?: boolean;
  /** Ticks are whole numbers, as of counts. Default: where all values are. */
  readonly whole?: boolean;
  /** Values are logarithms to the base ten: ticks are whole numbers, written as powers of ten. */
  readonly powers?: boolean;
}

export interface Axis {
  /** Its name, and that it is logarithmic. */
  readonly label: string;
  readonly kind: AxisKind;
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
  /** The text of each tick. */
  readonly texts: readonly string[];
}

/** Larger and smaller values are drawn at these, so that no difference or ratio overflows. */
const LARGEST = 1e300;
const SMALLEST = 1e-300;

/** The value as it is drawn; NaN where it has no place. */
export function placed(value: number | undefined, kind: AxisKind): number {
  if (value === undefined || !Number.isFinite(value)) return Number.NaN;
  if (kind === "log" && !(value > 0)) return Number.NaN;
  const size = Math.abs(value);
  if (size > LARGEST) return Math.sign(value) * LARGEST;
  if (size < SMALLEST) return kind === "log" ? SMALLEST : 0;
  return value;
}

/** A domain with some width, whatever the data. */
function widened(low: number, high: number, kind: AxisKind): [number, number] {
  if (kind === "log") {
    if (high / low > 1.01) return [low, high];
    return [Math.max(SMALLEST, low / 3), Math.min(LARGEST, high * 3)];
  }
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high / 2 - low / 2 > size * 1e-9) return [low, high];
  return size === 0 ? [0, 1] : [low - size / 2, high + size / 2];
}

/** The domain as far as its next ticks. */
function nice([low, high]: readonly [number, number], step: number): [number, number] {
  const [from, to] = [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step];
  return [Math.min(low, from), Math.max(high, to)];
}

/** Powers of ten; with few decades also 2 and 5 times them, or 3 times. */
function logTicks(low: number, high: number, wanted: number): number[] {
  const from = Math.floor(Math.log10(low) + 1e-9);
  const to = Math.ceil(Math.log10(high) - 1e-9);
  const every = Math.max(1, Math.ceil((to - from) / Math.max(1, wanted)));
  const times = (factors: readonly number[], step = 1) => {
    const found: number[] = [];
    for (let e = Math.ceil(from / step) * step; e <= to; e += step)
      for (const factor of factors) found.push(factor * 10 ** e);
    return found.filter((v) => v >= low * (1 - 1e-9) && v <= high * (1 + 1e-9));
  };
  const decades = times([1], every);
  if (to - from > 3 && decades.length > 1) return decades;
  for (const factors of [
    [1, 3],
    [1, 2, 5],
  ]) {
    const found = times(factors);
    if (found.length >= 3 && found.length <= 2 * wanted) return found;
  }
  const round = roundTicks(low, high, Math.min(4, wanted)).filter((v) => v > 0);
  return round.length > 0 ? round : [low];
}

/** Units of large numbers, and their letters. */
const UNITS = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

function linearTexts(values: readonly number[]): string[] {
  const largest = Math.max(0, ...values.map(Math.abs)) || 1;
  const step = values.length > 1 ? Math.abs(values[1]! - values[0]!) : largest;
  if (largest >= 1e15 || largest < 1e-4) return distinctTexts(values);
  const unit = largest >= 1e4 && step >= 100 ? UNITS.find(([one]) => largest >= one) : undefined;
  if (unit) return values.map((v) => (v === 0 ? "0" : `${significant(v / unit[0], 6)}${unit[1]}`));
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return values.map((v) => (decimals > 8 ? significant(v, 8) : fixed(v, decimals)));
}

/** Three significant digits, or as many more as tell the values apart. */
function distinctTexts(values: readonly number[]): string[] {
  for (let digits = 3; ; digits++) {
    const texts = values.map((v) => significant(v, digits));
    if (digits === 15 || new Set(texts).size === texts.length) return texts;
  }
}

function logTexts(values: readonly number[]): string[] {
  const powers = values.map((v) => Math.log10(v));
  const decades = powers.every((p) => Math.abs(p - Math.round(p)) < 1e-9);
  const plain = Math.max(...powers) <= 4 && Math.min(...powers) >= -3;
  return decades && !plain ? powers.map(powerOfTen) : distinctTexts(values);
}

/** The ticks of a domain, about as many as wanted. */
function ticksOf(
  [low, high]: readonly [number, number],
  wanted: number,
  whole: boolean,
  { kind = "linear", powers = false }: AxisOptions,
): Pick<Axis, "ticks" | "texts"> {
  if (kind === "log") {
    const ticks = logTicks(low, high, wanted);
    return { ticks, texts: logTexts(ticks) };
  }
  // Halves of a count mean nothing.
  const isFine = whole && tickStep(low, high, wanted) < 1;
  const ticks = isFine ? range(Math.ceil(low), high + 0.5) : roundTicks(low, high, wanted);
  return { ticks, texts: powers ? ticks.map(powerOfTen) : linearTexts(ticks) };
}

/**
 * An axis over the values that have a place and `include`; over [0, 1], or [0.1, 1] when
 * logarithmic, without any.
 *
 * @param wanted Ticks to aim for.
 */
export function makeAxis(options: AxisOptions, wanted = 5): Axis {
  const { label, kind = "linear", include = [], powers = false } = options;
  const values = [...options.values].map((v) => placed(v, kind)).filter((v) => !Number.isNaN(v));
  const areWhole = values.length > 0 && [...values, ...include].every(Number.isInteger);
  const whole = powers || (options.whole ?? areWhole);
  const reach = [...values, ...include.map((v) => placed(v, kind)).filter((v) => !Number.isNaN(v))];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const v of reach) {
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  if (low > high) [low, high] = kind === "log" ? [0.1, 1] : [0, 1];
  let domain = widened(low, high, kind);
  if (options.nice && kind === "linear") domain = nice(domain, tickStep(...domain, wanted));
  const name = kind === "log" ? `${label} (log scale)` : label;
  return { label: name, kind, domain, ...ticksOf(domain, wanted, whole, options) };
}

/** Halves of the first and the last tick's text: room that they need beyond the ends of an axis. */
export function tickOverhang({ texts }: Axis): readonly [number, number] {
  return [textWidth(texts[0] ?? "") / 2, textWidth(texts.at(-1) ?? "") / 2];
}

/** Width that the texts of the ticks need beside a plot. */
export function tickTextWidth({ texts }: Axis): number {
  return Math.max(0, ...texts.map((text) => textWidth(text)));
}

/** The axis with the most ticks, up to six, whose texts do not touch over `width`. */
export function horizontalAxis(options: AxisOptions, width: number): Axis {
  for (let wanted = 6; ; wanted--) {
    const axis = makeAxis(options, wanted);
    if (fits(axis, width)) return axis;
    if (wanted > 1) continue;
    return { ...axis, ticks: axis.ticks.slice(0, 1), texts: axis.texts.slice(0, 1) };
  }
}

function fits({ domain, kind, ticks, texts }: Axis, width: number): boolean {
  const warp = kind === "log" ? Math.log10 : (v: number) => v;
  const [low, high] = domain.map(warp) as [number, number];
  const at = ticks.map((tick) => ((warp(tick) / 2 - low / 2) / (high / 2 - low / 2)) * width);
  return at.every((x, i) => {
    if (i === 0) return true;
    const needed = (textWidth(texts[i]!) + textWidth(texts[i - 1]!)) / 2 + 7;
    return x - at[i - 1]! > needed;
  });
}
