/**
 * @file The arrays that make_goldens.py writes, computed again: the same formula, the same names,
 *   shapes and dtypes.
 */

import type { DType } from "../../../src/base/dtype.ts";
import { toBfloat16, toFloat16 } from "../../../src/base/float16.ts";
import { elementCount, type Tensor, tensor } from "../../../src/base/tensor.ts";
import { allocateElements } from "../../../src/formats/typed-bytes.ts";

/**
 * Element i of every golden array, before its dtype's turn: floats divide by 8, unsigned take |·|,
 * bool asks for > 0.
 */
function element(i: number): number {
  return ((i * 37) % 101) - 50;
}

export function goldenTensor(shape: readonly number[], dtype: DType): Tensor {
  const data = allocateElements(dtype, elementCount(shape), "golden");
  for (let i = 0; i < data.length; i++) {
    const value = element(i);
    if (dtype === "int64") data[i] = BigInt(value);
    else if (dtype === "bool") data[i] = value > 0 ? 1 : 0;
    else if (dtype === "uint8" || dtype === "uint16") data[i] = Math.abs(value);
    else if (dtype === "float16") data[i] = toFloat16(value / 8);
    else if (dtype === "bfloat16") data[i] = toBfloat16(value / 8);
    else data[i] = dtype.startsWith("float") ? value / 8 : value;
  }
  return tensor(dtype, shape, data);
}

/** The tensors of all-dtypes.safetensors, in an order of their own. */
export const ALL_DTYPES: ReadonlyMap<string, Tensor> = new Map(
  (
    [
      ["i8", [7], "int8"],
      ["zeta.bool", [5], "bool"],
      ["u8", [3, 2], "uint8"],
      ["a.f32", [2, 3], "float32"],
      ["f16", [2, 2, 2], "float16"],
      ["bf16", [4], "bfloat16"],
      ["i64", [3], "int64"],
      ["f64", [2, 2], "float64"],
      ["i32", [3, 1], "int32"],
      ["i16", [5], "int16"],
      ["u16", [5], "uint16"],
      ['Ünïcode "quoted"\n.f32', [1], "float32"],
      ["Z.f32", [], "float32"],
      ["empty", [0, 4], "float32"],
    ] as const
  ).map(([name, shape, dtype]) => [name, goldenTensor(shape, dtype)]),
);

/** The row-major .npy files by name. */
export const NPY: ReadonlyMap<string, Tensor> = new Map(
  (
    [
      ["f8", [3, 5], "float64"],
      ["f4", [3, 5], "float32"],
      ["f2", [3, 5], "float16"],
      ["i8", [3, 5], "int64"],
      ["i4", [3, 5], "int32"],
      ["i2", [3, 5], "int16"],
      ["i1", [3, 5], "int8"],
      ["u2", [3, 5], "uint16"],
      ["u1", [3, 5], "uint8"],
      ["b1", [3, 5], "bool"],
      ["scalar", [], "float32"],
      ["vector", [7], "float32"],
      ["empty", [0, 4], "float32"],
      ["cube", [2, 3, 4], "float32"],
    ] as const
  ).map(([name, shape, dtype]) => [name, goldenTensor(shape, dtype)]),
);
