/** @file Strides of tensors: steps from one index to the next along each axis, in elements. */

import { elementCount } from "../../base/tensor.ts";

/** Strides of a tensor whose elements are in row-major order. */
export function rowMajor(shape: readonly number[]): number[] {
  return shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
}
