/**
 * @file A tensor is a typed array with a dtype and a row-major shape; nothing more. Tensors that the native core reads live
 * in SharedArrayBuffers so that worker threads see the same memory without a copy.
 */

import { ShapeError } from "../errors.ts";
import { DTYPE_BYTES, type DType, type TypedArray } from "./dtype.ts";
import { fromBfloat16, fromFloat16 } from "./float16.ts";

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

/** Zeroed float32 memory that native threads can share. */
export function sharedFloat32(length: number): Float32Array<SharedArrayBuffer> {
  return new Float32Array(new SharedArrayBuffer(length * 4));
}

/** Zeroed int32 memory that native threads can share. */
export function sharedInt32(length: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(length * 4));
}

/** Zeroed 16-bit memory that native threads can share. */
export function sharedUint16(length: number): Uint16Array<SharedArrayBuffer> {
  return new Uint16Array(new SharedArrayBuffer(length * 2));
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
 * The elements as float32, in shared memory: the same array when it already is, otherwise a converted copy.
 *
 * int64 values beyond 2⁵³ and float64 values lose precision as the number type demands.
 */
export function asFloat32(t: Tensor): Float32Array {
  if (t.dtype === "float32" && t.data instanceof Float32Array) return t.data;
  const out = sharedFloat32(t.data.length);
  const { data } = t;
  if (t.dtype === "float16")
    for (let i = 0; i < out.length; i++) out[i] = fromFloat16(Number(data[i]));
  else if (t.dtype === "bfloat16")
    for (let i = 0; i < out.length; i++) out[i] = fromBfloat16(Number(data[i]));
  else for (let i = 0; i < out.length; i++) out[i] = Number(data[i]);
  return out;
}

/** A [rows, columns] matrix transposed into new shared memory. */
export function transposed(
  matrix: Float32Array,
  rows: number,
  columns: number,
): Float32Array<SharedArrayBuffer> {
  const out = sharedFloat32(rows * columns);
  const tile = 32;
  for (let r0 = 0; r0 < rows; r0 += tile)
    for (let c0 = 0; c0 < columns; c0 += tile)
      for (let r = r0; r < Math.min(rows, r0 + tile); r++)
        for (let c = c0; c < Math.min(columns, c0 + tile); c++)
          out[c * rows + r] = matrix[r * columns + c]!;
  return out;
}
