/** @file Colours of marks by a quantity: six steps over powers of ten, and their words. */

import { significant } from "../number-text.ts";
import { RAMP_STEPS } from "../palette.ts";
import type { LegendItem } from "./legend.ts";

/** A quantity that colours marks. */
export interface MarkColour {
  readonly label: string;
  /** One value a mark; those that are not positive take the first step. */
  readonly values: ArrayLike<number>;
}

/**
 * The colour scale over log10 of the values: six steps of equal width from the lowest to the
 * highest power of ten.
 */
export interface RampSteps {
  step(value: number): number;
  readonly low: number;
  readonly high: number;
}

/** Steps of the colour ramp for the positive values; undefined when there are none. */
export function rampSteps(values: ArrayLike<number>): RampSteps | undefined {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (!(v > 0 && v < Number.POSITIVE_INFINITY)) continue;
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  if (high === 0) return undefined;
  const from = Math.log10(low);
  const width = Math.log10(high) - from || 1;
  const step = (value: number) => {
    const t = value > 0 ? ((Math.log10(value) - from) / width) * RAMP_STEPS : 0;
    return Math.min(RAMP_STEPS - 1, Math.max(0, Math.floor(t) || 0));
  };
  return { step, low, high };
}

/** Words for the ramp, to be put in a legend. */
export function rampLegend(label: string, { low, high }: RampSteps): LegendItem {
  const range =
    low === high ? significant(low, 2) : `${significant(low, 2)} to ${significant(high, 2)}`;
  return { text: `${label}, ${range}`, mark: "ramp" };
}
