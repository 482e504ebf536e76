/** @file Quantiles of Student's t distribution, for intervals over few seeds. */

import { expected } from "../../errors.ts";
import { incompleteBeta } from "./incomplete-beta.ts";

/** P(T > t) for t ≥ 0: half of I_x(df/2, 1/2) at x = df / (df + t²). */
function upperTail(t: number, df: number): number {
  return incompleteBeta(df / (df + t * t), df / 2, 0.5) / 2;
}

/**
 * The t that Student's t with `df` degrees of freedom stays below with probability `p`.
 *
 * Found by bisection on the distribution function, to 1e-12 of the value; t(0.975, 2) = 4.302653.
 *
 * @param p  In (0, 1).
 * @param df Positive; need not be whole.
 * @throws {ConcordError} `argument/invalid` outside that.
 */
export function studentTQuantile(p: number, df: number): number {
  if (!(p > 0 && p < 1)) throw expected("p", "a probability between 0 and 1", p);
  if (!(df > 0 && Number.isFinite(df))) throw expected("df", "positive degrees of freedom", df);
  if (p === 0.5) return 0;
  if (p < 0.5) return -studentTQuantile(1 - p, df);
  const tail = 1 - p;
  let low = 0;
  let high = 1;
  while (upperTail(high, df) > tail && high < 1e150) high *= 2;
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (upperTail(middle, df) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
