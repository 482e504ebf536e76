/** @file Numbers and outcomes as a page shows them. */

import type { MeanInterval } from "../../base/statistics/mean-interval.ts";
import { columnDecimals, fixed, significant } from "../../figures/number-text.ts";
import type { Measure, Outcome } from "./study.ts";

/** More decimals than this say nothing on a page. */
const MOST_DECIMALS = 4;

/** How to write an interval. */
export interface IntervalStyle {
  /** A plus before positive means: for differences. */
  readonly signed?: boolean;
  /** A fraction as a percentage. */
  readonly percent?: boolean;
}

/**
 * Mean ± half the interval, the half with two significant digits and the mean with as many
 * decimals; "–" where there is none.
 *
 * @example intervalText({ mean: 0.91234, low: 0.9, high: 0.92468, n: 3 }) // 0.912 ± 0.012
 */
export function intervalText(value: MeanInterval | undefined, style: IntervalStyle = {}): string {
  if (!value) return "–";
  const factor = style.percent ? 100 : 1;
  const { mean, low, high } = value;
  const half = low === undefined || high === undefined ? undefined : (factor * (high - low)) / 2;
  const shown = factor * mean;
  const unit = style.percent ? "\u00a0%" : "";
  const plus = style.signed && shown > 0 ? "+" : "";
  if (half === undefined) return `${plus}${significant(shown, 3)}${unit}`;
  // Alike in all seeds, but for rounding.
  if (half <= Math.abs(shown) * 1e-12) {
    const isWhole = Math.abs(shown - Math.round(shown)) < 1e-9;
    const around = isWhole ? "" : " ± 0";
    return `${plus}${significant(shown, 4)}${around}${unit}`;
  }
  const decimals = columnDecimals([half], 2, MOST_DECIMALS);
  const least = 10 ** -decimals;
  const around = half < least / 2 ? `<${fixed(least, decimals)}` : fixed(half, decimals);
  return `${plus}${fixed(shown, decimals)} ± ${around}${unit}`;
}

/** How the mean of a measure is written, and with `signed` a difference of means. */
export function styleOf({ show }: Pick<Measure, "show">, signed = false): IntervalStyle {
  return {
    percent: show === "percent" || show === "change",
    signed: signed || show === "change",
  };
}

/** An outcome in a sentence or a table. */
export function outcomeText(outcome: Outcome | string): string {
  return outcome === "not shown" ? "no difference shown" : outcome;
}
