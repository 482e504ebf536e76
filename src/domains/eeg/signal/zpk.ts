/**
 * @file Filters as zeros, poles and gain: the Butterworth prototype, the analog frequency
 *   transforms, and the bilinear transform to digital. Textbook formulas (Oppenheim and Schafer,
 *   "Discrete-Time Signal Processing", ch. 7), with the order of roots of `scipy.signal` so that
 *   its sections come out.
 */

import {
  add,
  type Complex,
  complex,
  divide,
  multiply,
  negate,
  product,
  scale,
  squareRoot,
  subtract,
} from "./complex.ts";

/** H(s) or H(z) = gain · Π(s − zeroᵢ) / Π(s − poleᵢ). */
export interface Zpk {
  readonly zeros: readonly Complex[];
  readonly poles: readonly Complex[];
  readonly gain: number;
}

/** The analog low-pass of cutoff 1 rad/s: `order` poles on the left unit half-circle. */
export function butterworthPrototype(order: number): Zpk {
  const poles = Array.from({ length: order }, (_, i) => {
    const m = 2 * i - order + 1;
    const angle = (Math.PI * m) / (2 * order);
    // The middle pole of an odd order is exactly −1.
    return m === 0 ? complex(-1) : complex(-Math.cos(angle), -Math.sin(angle));
  });
  return { zeros: [], poles, gain: 1 };
}

/** Cutoff 1 → `w0`. */
export function toLowPass({ zeros, poles, gain }: Zpk, w0: number): Zpk {
  return {
    zeros: zeros.map((z) => scale(z, w0)),
    poles: poles.map((p) => scale(p, w0)),
    gain: gain * w0 ** (poles.length - zeros.length),
  };
}

/** s → w0 / s. */
export function toHighPass({ zeros, poles, gain }: Zpk, w0: number): Zpk {
  const degree = poles.length - zeros.length;
  return {
    zeros: [...zeros.map((z) => divide(complex(w0), z)), ...repeat(complex(0), degree)],
    poles: poles.map((p) => divide(complex(w0), p)),
    gain: gain * divide(product(zeros.map(negate)), product(poles.map(negate))).re,
  };
}

/** s → (s² + w0²) / (s · bandwidth). */
export function toBandPass({ zeros, poles, gain }: Zpk, w0: number, bandwidth: number): Zpk {
  const degree = poles.length - zeros.length;
  return {
    zeros: [
      ...split(
        zeros.map((z) => scale(z, bandwidth / 2)),
        w0,
      ),
      ...repeat(complex(0), degree),
    ],
    poles: split(
      poles.map((p) => scale(p, bandwidth / 2)),
      w0,
    ),
    gain: gain * bandwidth ** degree,
  };
}

/** s → s · bandwidth / (s² + w0²). */
export function toBandStop({ zeros, poles, gain }: Zpk, w0: number, bandwidth: number): Zpk {
  const degree = poles.length - zeros.length;
  const invert = (root: Complex) => divide(complex(bandwidth / 2), root);
  return {
    zeros: [
      ...split(zeros.map(invert), w0),
      ...repeat(complex(0, w0), degree),
      ...repeat(complex(0, -w0), degree),
    ],
    poles: split(poles.map(invert), w0),
    gain: gain * divide(product(zeros.map(negate)), product(poles.map(negate))).re,
  };
}

/** Each root r becomes r ± √(r² − w0²), first all sums, then all differences. */
function split(roots: readonly Complex[], w0: number): Complex[] {
  const root = roots.map((r) => squareRoot(subtract(multiply(r, r), complex(w0 * w0))));
  return [...roots.map((r, i) => add(r, root[i]!)), ...roots.map((r, i) => subtract(r, root[i]!))];
}

/** Analog to digital at two samples per second: s = 4 (z − 1) / (z + 1). */
export function bilinear({ zeros, poles, gain }: Zpk): Zpk {
  const four = complex(4);
  const map = (r: Complex) => divide(add(four, r), subtract(four, r));
  const factors = (roots: readonly Complex[]) => product(roots.map((r) => subtract(four, r)));
  return {
    zeros: [...zeros.map(map), ...repeat(complex(-1), poles.length - zeros.length)],
    poles: poles.map(map),
    gain: gain * divide(factors(zeros), factors(poles)).re,
  };
}

function repeat(value: Complex, times: number): Complex[] {
  return Array.from({ length: times }, () => value);
}
