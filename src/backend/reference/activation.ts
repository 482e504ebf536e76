/** @file Reference activation functions, in float64. */

import { ACTIVATION, type Activate, type ActivateGradient, type Activation } from "../backend.ts";

/**
 * erf(x) by its Maclaurin series up to |x| = 3, beyond by the continued fraction of erfc; see
 * Abramowitz and Stegun 7.1.5 and 7.1.14. Exact to about 1e-13.
 */
function erf(x: number): number {
  const z = Math.abs(x);
  if (!(z < 6)) return Number.isNaN(x) ? x : Math.sign(x);
  if (z < 3) {
    let [term, sum] = [x, x];
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = z;
  for (let n = 40; n > 0; n--) fraction = z + n / 2 / fraction;
  return Math.sign(x) * (1 - Math.exp(-z * z) / (Math.sqrt(Math.PI) * fraction));
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const below = (x: number) => 0.5 * (1 + erf(x / Math.SQRT2));

/** Each function, and its derivative. */
const FUNCTIONS: Readonly<Record<Activation, readonly [f: Scalar, slope: Scalar]>> = {
  [ACTIVATION.relu]: [(x) => Math.max(0, x), (x) => (x <= 0 ? 0 : 1)],
  [ACTIVATION.gelu]: [
    (x) => x * below(x),
    (x) => below(x) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI),
  ],
  [ACTIVATION.silu]: [(x) => x * sigmoid(x), (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x)))],
  [ACTIVATION.tanh]: [Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
  [ACTIVATION.sigmoid]: [sigmoid, (x) => sigmoid(x) * (1 - sigmoid(x))],
};
type Scalar = (x: number) => number;

export function activate({ kind, x, out, n }: Activate): void {
  const [f] = FUNCTIONS[kind];
  for (let i = 0; i < n; i++) out[i] = f(x[i]!);
}

export function activateGradient(args: ActivateGradient): void {
  const { kind, x, grad, out, n, accumulate } = args;
  const [, slope] = FUNCTIONS[kind];
  for (let i = 0; i < n; i++) out[i] = (accumulate ? out[i]! : 0) + grad[i]! * slope(x[i]!);
}
