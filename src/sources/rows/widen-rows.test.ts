import { expect, test } from "vitest";
import type { DType, TypedArray } from "../../tensor/dtype.ts";
import { fromBfloat16, fromFloat16 } from "../../tensor/float16.ts";
import { gatherRows, widenElements } from "./widen-rows.ts";

const ALL_BITS = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);

test.each([
  ["float16", fromFloat16],
  ["bfloat16", fromBfloat16],
] as const)("every %s becomes the float32 it stands for", (dtype, convert) => {
  const out = new Float32Array(65_536);
  widenElements(dtype)(ALL_BITS, 0, 65_536, out, 0);
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
] as [DType, TypedArray, number[]][])("%s widens", (dtype, source, wanted) => {
  const out = new Float32Array(2);
  widenElements(dtype)(source, 0, 2, out, 0);
  expect([...out]).toEqual(wanted);
});

test("rows are gathered in order across chunks, leaving the rest of the batch alone", () => {
  const memory = {
    chunks: [new Float32Array([0, 0.5, 1, 1.5]), new Float32Array([2, 2.5])],
    rowsPerChunk: 2,
    dIn: 2,
  };
  const out = new Float32Array(10).fill(-1);
  gatherRows("float32")(memory, new Int32Array([9, 2, 0, 1, 9]), 1, 3, out, 1);
  expect([...out]).toEqual([-1, -1, 2, 2.5, 0, 0.5, 1, 1.5, -1, -1]);
});

test.each([1, 2, 3, 4, 6, 7, 8])(
  "float16 rows of %d numbers are gathered exactly, in pairs or not",
  (dIn) => {
    const rows = Math.floor(65_536 / dIn);
    const bits = ALL_BITS.subarray(0, rows * dIn);
    for (const offset of [0, 1]) {
      const chunk = new Uint16Array(bits.length + offset).subarray(offset);
      chunk.set(bits);
      const order = Int32Array.from({ length: rows }, (_, i) => rows - 1 - i);
      const out = new Float32Array(rows * dIn);
      gatherRows("float16")({ chunks: [chunk], rowsPerChunk: rows, dIn }, order, 0, rows, out, 0);
      const wanted = Float32Array.from(bits, (_, i) => {
        const row = rows - 1 - Math.floor(i / dIn);
        return fromFloat16(bits[row * dIn + (i % dIn)]!);
      });
      expect(Buffer.from(out.buffer).equals(Buffer.from(wanted.buffer))).toBe(true);
    }
  },
);
