/** @file Other shapes for the same numbers, and numbers without their gradient. */

import { expected } from "../../errors.ts";
import { TapeTensor } from "../tensor.ts";

/**
 * The same numbers with another shape. Nothing is copied.
 *
 * @throws {ShapeError} when the number of elements differs.
 */
export function reshape(x: TapeTensor, shape: readonly number[]): TapeTensor {
  return x.tape.view(x, shape);
}

/**
 * The axes in another order: axis i of the value is axis `order[i]` of x.
 *
 * @throws {ConcordError} "argument/invalid" when `order` does not name each axis once.
 */
export function permute(x: TapeTensor, order: readonly number[]): TapeTensor {
  const axes = x.shape.length;
  if (order.length !== axes || x.shape.some((_, axis) => !order.includes(axis)))
    throw expected("order", `each of the axes 0 to ${axes - 1} once`, order);
  const shape = order.map((axis) => x.shape[axis]!);
  const strides = x.shape.map((_, i) => x.shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const steps = order.map((axis) => strides[axis]!);
  return x.tape.record(shape, [x], (out) => {
    const at = new Int32Array(axes);
    /** Calls `each` with the position of every element in the value and in x. */
    const walk = (each: (to: number, from: number) => void) => {
      at.fill(0);
      for (let to = 0, from = 0; to < out.value.length; to++) {
        each(to, from);
        for (let axis = axes - 1; axis >= 0; axis--) {
          from += steps[axis]!;
          if (++at[axis]! < shape[axis]!) break;
          from -= steps[axis]! * shape[axis]!;
          at[axis] = 0;
        }
      }
    };
    const forwards = (to: number, from: number) => {
      out.value[to] = x.value[from]!;
    };
    const backwards = (to: number, from: number) => {
      x.gradient!.sum[from]! += out.gradient!.sum[to]!;
    };
    return {
      forward: () => walk(forwards),
      backward() {
        x.gradient!.added();
        walk(backwards);
      },
    };
  });
}

/** The same numbers, held constant: no gradient flows through. */
export function stopGradient(x: TapeTensor): TapeTensor {
  return new TapeTensor(x.tape, x.shape, x.value, undefined, x.known);
}
