/**
 * @file Sums, differences, products and quotients. The second tensor has the shape of the first, or
 *   that of its last axes. It is then repeated over the others: a vector is used for each row, a
 *   scalar for all.
 */

import { showShape } from "../../base/tensor.ts";
import { ShapeError } from "../../errors.ts";
import { sameShape } from "../shapes.ts";
import type { TapeTensor } from "../tensor.ts";

/** How one kind of arithmetic computes; g is the gradient of its value. */
interface Arithmetic {
  readonly name: string;
  readonly of: (a: number, b: number) => number;
  readonly gradientOfA: (g: number, a: number, b: number) => number;
  readonly gradientOfB: (g: number, a: number, b: number) => number;
}

function arithmetic(kind: Arithmetic, a: TapeTensor, b: TapeTensor): TapeTensor {
  const last = b.shape.length === 0 ? [] : a.shape.slice(-b.shape.length);
  if (!sameShape(last, b.shape))
    throw new ShapeError(
      kind.name,
      `a second tensor with the last axes of ${showShape(a.shape)}`,
      showShape(b.shape),
    );
  const { of, gradientOfA, gradientOfB } = kind;
  const [x, y] = [a.value, b.value];
  const inner = b.length;
  const repeats = a.length / inner;
  return a.tape.record(a.shape, [a, b], (out) => {
    // Of what is used more than once, gradients are summed in float64.
    const sums = b.gradient && repeats > 1 ? new Float64Array(inner) : undefined;
    return {
      forward() {
        for (let r = 0, i = 0; r < repeats; r++)
          for (let j = 0; j < inner; j++, i++) out.value[i] = of(x[i]!, y[j]!);
      },
      backward() {
        const g = out.gradient!.sum;
        if (a.gradient) {
          const to = a.gradient.added();
          for (let r = 0, i = 0; r < repeats; r++)
            for (let j = 0; j < inner; j++, i++) to[i]! += gradientOfA(g[i]!, x[i]!, y[j]!);
        }
        if (!b.gradient) return;
        const to = b.gradient.added();
        const into = sums?.fill(0) ?? to;
        for (let r = 0, i = 0; r < repeats; r++)
          for (let j = 0; j < inner; j++, i++) into[j]! += gradientOfB(g[i]!, x[i]!, y[j]!);
        if (sums) for (let j = 0; j < inner; j++) to[j]! += sums[j]!;
      },
    };
  });
}

const ADD: Arithmetic = {
  name: "add",
  of: (a, b) => a + b,
  gradientOfA: (g) => g,
  gradientOfB: (g) => g,
};
const SUBTRACT: Arithmetic = {
  name: "subtract",
  of: (a, b) => a - b,
  gradientOfA: (g) => g,
  gradientOfB: (g) => -g,
};
const MULTIPLY: Arithmetic = {
  name: "multiply",
  of: (a, b) => a * b,
  gradientOfA: (g, _, b) => g * b,
  gradientOfB: (g, a) => g * a,
};
const DIVIDE: Arithmetic = {
  name: "divide",
  of: (a, b) => a / b,
  gradientOfA: (g, _, b) => g / b,
  gradientOfB: (g, a, b) => (-g * a) / (b * b),
};

/** a + b. @throws {ShapeError} when b does not have the last axes of a. */
export const add = (a: TapeTensor, b: TapeTensor): TapeTensor => arithmetic(ADD, a, b);
/** a − b. @throws {ShapeError} when b does not have the last axes of a. */
export const subtract = (a: TapeTensor, b: TapeTensor): TapeTensor => arithmetic(SUBTRACT, a, b);
/** a · b, element by element. @throws {ShapeError} when b does not have the last axes of a. */
export const multiply = (a: TapeTensor, b: TapeTensor): TapeTensor => arithmetic(MULTIPLY, a, b);
/** a / b, element by element. @throws {ShapeError} when b does not have the last axes of a. */
export const divide = (a: TapeTensor, b: TapeTensor): TapeTensor => arithmetic(DIVIDE, a, b);

/** factor · x, with a number that never changes. */
export function scale(x: TapeTensor, factor: number): TapeTensor {
  return x.tape.record(x.shape, [x], (out) => ({
    forward() {
      for (let i = 0; i < out.value.length; i++) out.value[i] = factor * x.value[i]!;
    },
    backward() {
      const to = x.gradient!.added();
      const g = out.gradient!.sum;
      for (let i = 0; i < to.length; i++) to[i]! += factor * g[i]!;
    },
  }));
}
