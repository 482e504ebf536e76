import { describe, expect, test } from "vitest";
import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from "./float16.ts";

describe("float16", () => {
  test.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [0.1, 0x2e66],
    [1 / 3, 0x3555],
    // The largest finite number, and the first that rounds to infinity.
    [65504, 0x7bff],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [1e30, 0x7c00],
    [Number.NEGATIVE_INFINITY, 0xfc00],
    // The smallest normal number, the largest subnormal one, the smallest of all.
    [2 ** -14, 0x0400],
    [2 ** -14 - 2 ** -24, 0x03ff],
    [2 ** -24, 0x0001],
  ])("%d has the bits of IEEE 754", (value, bits) => {
    expect(toFloat16(value)).toBe(bits);
  });

  test("halves round to the even neighbour, among subnormals too", () => {
    // Between 2048 and 4096 the neighbours are two apart.
    expect([2049, 2051].map((v) => fromFloat16(toFloat16(v)))).toEqual([2048, 2052]);
    expect(fromFloat16(toFloat16(2049.001))).toBe(2050);
    const [half, threeHalves] = [2 ** -25, 3 * 2 ** -25];
    expect([half, threeHalves].map(toFloat16)).toEqual([0, 2]);
    expect(toFloat16(half * 1.001)).toBe(1);
    // The largest subnormal number's upper neighbour is the smallest normal one.
    expect(toFloat16(2 ** -14 - 2 ** -25)).toBe(0x0400);
  });

  test("every pattern of bits but those of NaN returns as it was", () => {
    const changed: number[] = [];
    for (let bits = 0; bits < 2 ** 16; bits++) {
      const value = fromFloat16(bits);
      if (Number.isNaN(value) ? (bits & 0x7fff) <= 0x7c00 : toFloat16(value) !== bits)
        changed.push(bits);
    }
    expect(changed).toEqual([]);
    expect(fromFloat16(toFloat16(Number.NaN))).toBeNaN();
  });
});

describe("bfloat16", () => {
  test.each([
    [1, 0x3f80],
    [-1, 0xbf80],
    [3.140625, 0x4049],
    [Math.fround(0.1), 0x3dcd],
    [Number.POSITIVE_INFINITY, 0x7f80],
    // Above the largest finite number by less than half a step, then by more.
    [3.39e38, 0x7f7f],
    [3.4e38, 0x7f80],
  ])("%d has the upper half of the bits of float32, rounded", (value, bits) => {
    expect(toBfloat16(value)).toBe(bits);
  });

  test("halves round to the even neighbour", () => {
    // Between 256 and 512 the neighbours are two apart.
    expect([257, 259].map((v) => fromBfloat16(toBfloat16(v)))).toEqual([256, 260]);
  });

  test("every pattern of bits but those of NaN returns as it was", () => {
    const changed: number[] = [];
    for (let bits = 0; bits < 2 ** 16; bits++) {
      const value = fromBfloat16(bits);
      if (Number.isNaN(value) ? (bits & 0x7fff) <= 0x7f80 : toBfloat16(value) !== bits)
        changed.push(bits);
    }
    expect(changed).toEqual([]);
  });

  test("a NaN whose upper half looks like infinity stays a NaN", () => {
    const bits = new Uint32Array([0x7f800001]);
    const [value] = new Float32Array(bits.buffer);
    expect(fromBfloat16(toBfloat16(value!))).toBeNaN();
  });
});
