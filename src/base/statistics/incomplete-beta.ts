/**
 * @file The regularised incomplete beta function: the distribution function of Student's t and of
 *   cosines of random vectors.
 */

import { expected } from "../../errors.ts";

/**
 * Lanczos approximation (g = 7, nine coefficients) of ln Γ, relative error below 1e-13 for positive
 * arguments.
 */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
] as const;

/** ln Γ(x) for x > 0. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  const t = shifted + 7.5;
  let series = LANCZOS[0] as number;
  for (let i = 1; i < LANCZOS.length; i++) series += LANCZOS[i]! / (shifted + i);
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(series);
}

const TINY = 1e-300;
const PRECISION = 1e-15;
/** The fraction needs about √max(a, b) terms; this is enough for a and b of 10⁷. */
const MAX_TERMS = 10_000;

/**
 * The continued fraction of I_x(a, b) by Lentz's method; converges quickly for x < (a + 1) / (a + b
 * + 2).
 */
function continuedFraction(x: number, a: number, b: number): number {
  const away = (v: number) => (Math.abs(v) < TINY ? TINY : v);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= MAX_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const factor = d * c;
    value *= factor;
    if (Math.abs(factor - 1) < PRECISION) break;
  }
  return value;
}

/**
 * Regularised incomplete beta function I_x(a, b): the probability that a Beta(a, b) variable is at
 * most x.
 *
 *   I_x(a, b) = ∫₀ˣ tᵃ⁻¹(1 − t)ᵇ⁻¹ dt / B(a, b)
 *   (DLMF 8.17; the continued fraction is 8.17.22)
 *
 * @param x In [0, 1].
 * @throws {ConcordError} `argument/invalid` outside that, or for a or b that is not positive.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (!(x >= 0 && x <= 1)) throw expected("x", "a number from 0 to 1", x);
  if (!(a > 0 && Number.isFinite(a))) throw expected("a", "a positive number", a);
  if (!(b > 0 && Number.isFinite(b))) throw expected("b", "a positive number", b);
  if (x === 0 || x === 1) return x;
  const logFront =
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  if (x < (a + 1) / (a + b + 2)) return (Math.exp(logFront) * continuedFraction(x, a, b)) / a;
  return 1 - (Math.exp(logFront) * continuedFraction(1 - x, b, a)) / b;
}
