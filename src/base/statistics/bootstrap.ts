/**
 * @file Percentile intervals by resampling (Efron 1979): for means whose distribution is unknown.
 */

import { type RandomStream, randomBlock } from "../philox.ts";
import { percentile } from "./percentile.ts";

/** Number of resamples; the ends of a 95 % interval then scatter by a few per cent of its width. */
const RESAMPLES = 1000;
/** With many values, fewer resamples are drawn, down to 200: their means are nearly normal. */
const MOST_DRAWS = 10_000_000;

/** Draws out.length indices below `n` with replacement, starting at random block `block`. */
function draw(stream: RandomStream, block: number, n: number, out: Int32Array): void {
  for (let i = 0; i < out.length; i += 4) {
    const words = randomBlock(stream, block + i / 4);
    for (let j = i; j < Math.min(i + 4, out.length); j++)
      out[j] = Math.floor((words[j - i]! / 2 ** 32) * n);
  }
}

/** A 95 % interval. */
export type Interval = readonly [number, number];

/**
 * Interval of a statistic of `n` things drawn with replacement.
 *
 * @param statistic Of the drawn indices; undefined where a draw has none, which is left out.
 * @returns Undefined for n < 2, or when no draw has the statistic.
 */
export function bootstrapInterval(
  stream: RandomStream,
  n: number,
  statistic: (drawn: Int32Array) => number | undefined,
): Interval | undefined {
  if (n < 2) return undefined;
  const drawn = new Int32Array(n);
  const found: number[] = [];
  const resamples = Math.min(RESAMPLES, Math.max(200, Math.floor(MOST_DRAWS / n)));
  for (let r = 0; r < resamples; r++) {
    draw(stream, r * Math.ceil(n / 4), n, drawn);
    const value = statistic(drawn);
    if (value !== undefined) found.push(value);
  }
  const [low, high] = [percentile(found, 0.025), percentile(found, 0.975)];
  return low === undefined || high === undefined ? undefined : [low, high];
}

/** Interval of the mean of some values. */
export function meanBootstrap(
  stream: RandomStream,
  values: ArrayLike<number>,
): Interval | undefined {
  return bootstrapInterval(stream, values.length, (drawn) => {
    let sum = 0;
    for (const i of drawn) sum += values[i]!;
    return sum / drawn.length;
  });
}
