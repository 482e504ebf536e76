/**
 * @file The element types that Concord stores, their sizes, and the typed arrays that hold them.
 */

export const DTYPES = [
  "float64",
  "float32",
  "float16",
  "bfloat16",
  "int64",
  "int32",
  "int16",
  "int8",
  "uint16",
  "uint8",
  "bool",
] as const;

export type DType = (typeof DTYPES)[number];

/** Bytes per element. */
export const DTYPE_BYTES: Readonly<Record<DType, number>> = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint16: 2,
  uint8: 1,
  bool: 1,
};

/**
 * Typed arrays a tensor's elements may live in; float16 and bfloat16 are bits in a Uint16Array,
 * bool a Uint8Array.
 */
export type TypedArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint16Array
  | Uint8Array
  | BigInt64Array;
