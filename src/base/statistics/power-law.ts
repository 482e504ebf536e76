/** @file A decaying power law with an offset, fitted by least squares. */

/** y ≈ scale · x^−exponent + offset. */
export interface PowerLaw {
  readonly scale: number;
  readonly exponent: number;
  readonly offset: number;
  /** Root mean square of y less the fit. */
  readonly error: number;
}

/** Three parameters through fewer points than this would fit anything. */
const FEWEST_POINTS = 4;
/** Where the exponent is looked for. */
const LEAST_EXPONENT = 0.01;
const LARGEST_EXPONENT = 10;
const GRID = 200;

/** The best scale and offset ≥ 0 for an exponent, and the sum of squares that is left. */
function atExponent(x: readonly number[], y: readonly number[], exponent: number) {
  const powers = x.map((v) => v ** -exponent);
  const n = x.length;
  const meanP = powers.reduce((sum, p) => sum + p, 0) / n;
  const meanY = y.reduce((sum, v) => sum + v, 0) / n;
  let [pp, py] = [0, 0];
  for (const [i, p] of powers.entries()) {
    pp += (p - meanP) ** 2;
    py += (p - meanP) * (y[i]! - meanY);
  }
  let scale = py / pp;
  let offset = meanY - scale * meanP;
  if (offset < 0) {
    const squares = powers.reduce((sum, p) => sum + p * p, 0);
    scale = powers.reduce((sum, p, i) => sum + p * y[i]!, 0) / squares;
    offset = 0;
  }
  const left = powers.reduce((sum, p, i) => sum + (y[i]! - scale * p - offset) ** 2, 0);
  return { scale, offset, left };
}

/**
 * Fits y = scale · x^−exponent + offset with offset ≥ 0 and an exponent from 0.01 to 10. For each
 * exponent the rest is linear. So only the exponent is searched, on a grid and then by golden
 * section.
 *
 * @param x Positive.
 * @returns Undefined for fewer than four points, or where y is constant.
 */
export function powerLaw(x: readonly number[], y: readonly number[]): PowerLaw | undefined {
  if (x.length < FEWEST_POINTS || y.every((v) => v === y[0])) return undefined;
  const at = (log: number) => atExponent(x, y, Math.exp(log));
  const [low, high] = [Math.log(LEAST_EXPONENT), Math.log(LARGEST_EXPONENT)];
  const step = (high - low) / GRID;
  let best = low;
  for (let i = 1; i <= GRID; i++)
    if (at(low + i * step).left < at(best).left) best = low + i * step;
  let [from, to] = [Math.max(low, best - step), Math.min(high, best + step)];
  const golden = (Math.sqrt(5) - 1) / 2;
  for (let i = 0; i < 80; i++) {
    const [a, b] = [to - golden * (to - from), from + golden * (to - from)];
    if (at(a).left <= at(b).left) to = b;
    else from = a;
  }
  const log = (from + to) / 2;
  const { scale, offset, left } = at(log);
  return { scale, exponent: Math.exp(log), offset, error: Math.sqrt(left / x.length) };
}
