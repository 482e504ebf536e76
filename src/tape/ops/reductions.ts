/** @file Sums and means, in float64 and in the order of the elements. */

import { expected } from "../../errors.ts";
import type { TapeTensor } from "../tensor.ts";

/** Sums over one axis, or over everything, times a factor. */
function reduced(x: TapeTensor, axis: number | undefined, isMean: boolean): TapeTensor {
  if (axis !== undefined && !(Number.isInteger(axis) && axis >= 0 && axis < x.shape.length))
    throw expected("axis", `an integer from 0 to ${x.shape.length - 1}`, axis);
  const count = axis === undefined ? x.length : x.shape[axis]!;
  const shape = axis === undefined ? [] : x.shape.filter((_, i) => i !== axis);
  const inner =
    axis === undefined ? 1 : x.shape.slice(axis + 1).reduce((product, n) => product * n, 1);
  const outer = x.length / count / inner;
  const factor = isMean ? 1 / count : 1;
  return x.tape.record(shape, [x], (out) => ({
    forward() {
      for (let o = 0; o < outer; o++)
        for (let i = 0; i < inner; i++) {
          let sum = 0;
          const first = o * count * inner + i;
          for (let j = 0; j < count; j++) sum += x.value[first + j * inner]!;
          out.value[o * inner + i] = factor * sum;
        }
    },
    backward() {
      const to = x.gradient!.added();
      const g = out.gradient!.sum;
      for (let o = 0, at = 0; o < outer; o++)
        for (let j = 0; j < count; j++)
          for (let i = 0; i < inner; i++, at++) to[at]! += factor * g[o * inner + i]!;
    },
  }));
}

/** The sum over one axis, which is left out of the shape. Default: of all elements, a scalar. */
export const sum = (x: TapeTensor, axis?: number): TapeTensor => reduced(x, axis, false);
/** The mean over one axis, which is left out of the shape. Default: of all elements, a scalar. */
export const mean = (x: TapeTensor, axis?: number): TapeTensor => reduced(x, axis, true);
