import { expect, test } from "vitest";
import type { DType, TypedArray } from "../../base/dtype.ts";
import { fromBfloat16, fromFloat16 } from "../../base/float16.ts";
import { TYPESCRIPT_KERNELS } from "./row-kernels.ts";
import { widenFrom } from "./widen-rows.ts";

const ALL_BITS = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);

const widen = (dtype: DType, chunk: TypedArray, out: Float32Array): Promise<void> =>
  widenFrom(
    dtype,
    TYPESCRIPT_KERNELS,
  )({ chunks: [chunk], rowsPerChunk: 1, columns: out.length, count: 1, out });

test.each([
  ["float16", fromFloat16],
  ["bfloat16", fromBfloat16],
] as const)("every %s becomes the float32 it stands for", async (dtype, convert) => {
  const out = new Float32Array(65_536);
  await widen(dtype, ALL_BITS, out);
  expect(out).toEqual(Float32Array.from(ALL_BITS, convert));
});

test.each([
  ["float64", new Float64Array([1 + 2 ** -40, -1e300]), [1, -Infinity]],
  ["float32", new Float32Array([1.5, -2]), [1.5, -2]],
  ["int64", new BigInt64Array([-3n, 2n ** 60n]), [-3, 2 ** 60]],
  ["int32", new Int32Array([2 ** 24 + 1, -1]), [2 ** 24, -1]],
  ["int16", new Int16Array([-32768, 32767]), [-32768, 32767]],
  ["int8", new Int8Array([-128, 127]), [-128, 127]],
  ["uint16", new Uint16Array([0, 65535]), [0, 65535]],
  ["uint8", new Uint8Array([0, 255]), [0, 255]],
  ["bool", new Uint8Array([0, 1]), [0, 1]],
] as [DType, TypedArray, number[]][])("%s widens", async (dtype, source, wanted) => {
  const out = new Float32Array(2);
  await widen(dtype, source, out);
  expect([...out]).toEqual(wanted);
});

test.each(["float32", "float64"] as const)(
  "%s rows are found across chunks, by index or in order, leaving the rest of the batch alone",
  async (dtype) => {
    const View = dtype === "float32" ? Float32Array : Float64Array;
    const rows = {
      chunks: [new View([0, 0.5, 1, 1.5]), new View([2, 2.5])],
      rowsPerChunk: 2,
      columns: 2,
    };
    const out = new Float32Array(10).fill(-1);
    const convert = widenFrom(dtype, TYPESCRIPT_KERNELS);
    await convert({ ...rows, index: Int32Array.of(2, 0, 1), count: 3, out: out.subarray(2) });
    expect([...out]).toEqual([-1, -1, 2, 2.5, 0, 0.5, 1, 1.5, -1, -1]);
    await convert({ ...rows, first: 1, count: 2, out });
    expect([...out]).toEqual([1, 1.5, 2, 2.5, 0, 0.5, 1, 1.5, -1, -1]);
  },
);

test.each([1, 2, 3, 4, 6, 7, 8])(
  "float16 rows of %d numbers are gathered exactly, in pairs or not",
  async (columns) => {
    const rows = Math.floor(65_536 / columns);
    const bits = ALL_BITS.subarray(0, rows * columns);
    for (const offset of [0, 1]) {
      const chunk = new Uint16Array(bits.length + offset).subarray(offset);
      chunk.set(bits);
      const index = Int32Array.from({ length: rows }, (_, i) => rows - 1 - i);
      const out = new Float32Array(rows * columns);
      await widenFrom(
        "float16",
        TYPESCRIPT_KERNELS,
      )({ chunks: [chunk], rowsPerChunk: rows, columns, index, count: rows, out });
      const wanted = Float32Array.from(bits, (_, i) => {
        const row = rows - 1 - Math.floor(i / columns);
        return fromFloat16(bits[row * columns + (i % columns)]!);
      });
      expect(Buffer.from(out.buffer).equals(Buffer.from(wanted.buffer))).toBe(true);
    }
  },
);
