/** @file Functions of single numbers, in loops on the calling thread. */

import type { TapeTensor } from "../tensor.ts";

/** @param slope The derivative, from x and f(x). */
function pointwise(
  x: TapeTensor,
  f: (x: number) => number,
  slope: (x: number, value: number) => number,
): TapeTensor {
  return x.tape.record(x.shape, [x], (out) => ({
    forward() {
      for (let i = 0; i < out.value.length; i++) out.value[i] = f(x.value[i]!);
    },
    backward() {
      const to = x.gradient!.added();
      const g = out.gradient!.sum;
      for (let i = 0; i < to.length; i++) to[i]! += g[i]! * slope(x.value[i]!, out.value[i]!);
    },
  }));
}

/** x². */
export const square = (x: TapeTensor): TapeTensor =>
  pointwise(
    x,
    (v) => v * v,
    (v) => 2 * v,
  );
/** |x|; its derivative at 0 is 0. */
export const absolute = (x: TapeTensor): TapeTensor => pointwise(x, Math.abs, Math.sign);
/** eˣ. */
export const exponential = (x: TapeTensor): TapeTensor =>
  pointwise(x, Math.exp, (_, value) => value);
/** The natural logarithm of x. */
export const logarithm = (x: TapeTensor): TapeTensor => pointwise(x, Math.log, (v) => 1 / v);
/** √x. */
export const squareRoot = (x: TapeTensor): TapeTensor =>
  pointwise(x, Math.sqrt, (_, value) => 0.5 / value);
