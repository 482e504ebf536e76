/**
 * @file Between bytes on disk, little-endian and row-major, and typed arrays in memory. Everything
 *   that Concord stores is little-endian, so the bytes of an array are written and read as they
 *   lie.
 */

import { DTYPE_BYTES, type DType, type TypedArray } from "../base/dtype.ts";
import { ConcordError } from "../errors.ts";

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

type View = new (buffer: ArrayBufferLike, byteOffset?: number, length?: number) => TypedArray;

const VIEWS: Readonly<Record<DType, View>> = {
  float64: Float64Array,
  float32: Float32Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

/**
 * Zeroed elements in memory that native threads can share.
 *
 * @param what Names the array in the message when there is not enough memory.
 * @throws {ConcordError} `format/too-large` when the memory cannot be had.
 */
export function allocateElements(dtype: DType, count: number, what: string): TypedArray {
  try {
    return new VIEWS[dtype](new ArrayBuffer(count * DTYPE_BYTES[dtype]));
  } catch (error) {
    const size = `${count} elements of ${dtype} (${count * DTYPE_BYTES[dtype]} bytes)`;
    throw new ConcordError("format/too-large", `${what}: no memory for ${size}.`, {
      cause: error,
      hint: "Read it in parts, or use a machine with more memory.",
    });
  }
}

/** The bytes of a typed array, sharing its memory. */
export function bytesOf(data: TypedArray): Uint8Array {
  requireLittleEndian();
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * The elements that `bytes` hold: sharing their memory where the alignment allows, otherwise a
 * copy.
 */
export function elementsOf(dtype: DType, bytes: Uint8Array): TypedArray {
  requireLittleEndian();
  const size = DTYPE_BYTES[dtype];
  // Not `slice`: a Buffer's shares memory.
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return new VIEWS[dtype](aligned.buffer, aligned.byteOffset, Math.floor(bytes.byteLength / size));
}

/** Turns the bytes of every number round, in place: from big-endian to little-endian and back. */
export function swapBytes(dtype: DType, bytes: Uint8Array): void {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = DTYPE_BYTES[dtype];
  if (size === 2) view.swap16();
  else if (size === 4) view.swap32();
  else if (size === 8) view.swap64();
}

function requireLittleEndian(): void {
  if (!HOST_IS_LITTLE_ENDIAN)
    throw new ConcordError(
      "backend/unavailable",
      "This machine stores numbers big-endian; Concord reads and writes arrays on little-endian machines only.",
    );
}
