/**
 * @file A tensor: a typed array with a dtype and a row-major shape. The native core reads and
 *   writes it in place, on other threads, without a copy. A Backend's own memory is aligned for
 *   that; other memory works as well.
 */

import { ShapeError } from "../errors.ts";
import { DTYPE_BYTES, type DType, type TypedArray } from "./dtype.ts";
import { fromBfloat16, fromFloat16 } from "./float16.ts";

/** Numbers with a shape. */
export interface Tensor {
  readonly dtype: DType;
  /** Row-major extents; [] is a scalar. */
  readonly shape: readonly number[];
  /** Exactly `elementCount(shape)` elements. */
  readonly data: TypedArray;
}

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** `[4096, 768]` as text, for messages. */
export function showShape(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/** Wraps a typed array as a tensor. @throws {ShapeError} when the lengths differ. */
export function tensor(dtype: DType, shape: readonly number[], data: TypedArray): Tensor {
  if (data.length !== elementCount(shape) || data.BYTES_PER_ELEMENT !== DTYPE_BYTES[dtype])
    throw new ShapeError(
      "tensor",
      `${elementCount(shape)} elements of ${dtype} for shape ${showShape(shape)}`,
      `${data.length} elements of ${data.BYTES_PER_ELEMENT} bytes`,
    );
  return { dtype, shape, data };
}

/** A float32 tensor over `data`. @throws {ShapeError} when the lengths differ. */
export function float32Tensor(shape: readonly number[], data: Float32Array): Tensor {
  return tensor("float32", shape, data);
}

/**
 * The elements as float32: the same array when they are, otherwise a converted copy.
 *
 * int64 values beyond 2⁵³ and float64 values lose precision as the number type demands.
 */
export function asFloat32(t: Tensor): Float32Array {
  if (t.dtype === "float32" && t.data instanceof Float32Array) return t.data;
  const out = new Float32Array(t.data.length);
  const { data } = t;
  if (t.dtype === "float16")
    for (let i = 0; i < out.length; i++) out[i] = fromFloat16(Number(data[i]));
  else if (t.dtype === "bfloat16")
    for (let i = 0; i < out.length; i++) out[i] = fromBfloat16(Number(data[i]));
  else for (let i = 0; i < out.length; i++) out[i] = Number(data[i]);
  return out;
}

/** A [rows, columns] matrix transposed into new memory. */
export function transposed(
  matrix: Float32Array,
  rows: number,
  columns: number,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(rows * columns);
  const tile = 32;
  for (let r0 = 0; r0 < rows; r0 += tile)
    for (let c0 = 0; c0 < columns; c0 += tile)
      for (let r = r0; r < Math.min(rows, r0 + tile); r++)
        for (let c = c0; c < Math.min(columns, c0 + tile); c++)
          out[c * rows + r] = matrix[r * columns + c]!;
  return out;
}
