/** @file What operations require of the shapes of their inputs. */

import { showShape } from "../base/tensor.ts";
import { ShapeError } from "../errors.ts";
import type { TapeTensor } from "./tensor.ts";

/** Whether two shapes are the same. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, i) => extent === b[i]);
}

/**
 * @param where The operation, for the message.
 * @param what Which of its inputs.
 * @throws {ShapeError} when x does not have that shape.
 */
export function requireShape(
  where: string,
  what: string,
  x: TapeTensor,
  shape: readonly number[],
): void {
  if (!sameShape(x.shape, shape))
    throw new ShapeError(where, `${what} ${showShape(shape)}`, showShape(x.shape));
}

/** @throws {ShapeError} when x does not have `axes` axes. */
export function requireAxes(where: string, what: string, x: TapeTensor, axes: number): void {
  if (x.shape.length !== axes)
    throw new ShapeError(where, `${what} with ${axes} axes`, showShape(x.shape));
}
