import { describe, expect, test } from "vitest";
import { normals } from "../../test/support/random.ts";
import {
  normalizeEachRow,
  normalizeWith,
  type RowNormalization,
  rowScales,
} from "./row-normalization.ts";

/** Rows normalised, and what takes them back. */
function normalized(kind: RowNormalization, x: Float32Array, dIn: number) {
  const [out, scales] = [new Float32Array(x.length), rowScales(x.length / dIn)];
  normalizeEachRow(kind, x, dIn, out, scales);
  return { out, scales };
}

describe("layer_norm", () => {
  test("subtracts the row's mean and divides by its deviation with d_in − 1", () => {
    // Means 2 and 10; squared deviations add up to 2 and 32.
    const { out, scales } = normalized("layer_norm", Float32Array.of(1, 2, 3, 14, 10, 6), 3);
    expect([...scales.shift]).toEqual([2, 10]);
    expect([...scales.scale]).toEqual([1, 4]);
    const wanted = [-1 / 1.00001, 0, 1 / 1.00001, 4 / 4.00001, 0, -4 / 4.00001];
    for (const [i, value] of wanted.entries()) expect(out[i]).toBeCloseTo(value, 6);
  });

  test("a row of equal numbers becomes zeros, and returns as its mean", () => {
    const { out, scales } = normalized("layer_norm", Float32Array.of(5, 5, 5), 3);
    expect([...out]).toEqual([0, 0, 0]);
    expect([scales.scale[0], scales.shift[0]]).toEqual([0, 5]);
  });

  test("one number per row has no deviation, and becomes 0", () => {
    expect([...normalized("layer_norm", Float32Array.of(7, -3), 1).out]).toEqual([0, 0]);
  });
});

describe("constant_norm_rescale", () => {
  test("gives every row the length √d_in", () => {
    const { out, scales } = normalized("constant_norm_rescale", Float32Array.of(3, 4, 0, 0), 4);
    // ‖x‖ = 5 and √d_in = 2.
    expect([...out].map((v) => Math.fround(v))).toEqual([1.2, 1.6, 0, 0].map(Math.fround));
    expect([scales.scale[0], scales.shift[0]]).toEqual([2.5, 0]);
  });

  test("a row of zeros stays zeros", () => {
    const { out, scales } = normalized("constant_norm_rescale", new Float32Array(3), 3);
    expect([...out]).toEqual([0, 0, 0]);
    expect(scales.scale[0]).toBe(0);
  });
});

test("a factor multiplies every row, and its reciprocal takes them back", () => {
  const { out, scales } = normalized({ factor: 4 }, Float32Array.of(1, -2, 0.5, 8), 2);
  expect([...out]).toEqual([4, -8, 2, 32]);
  expect([...scales.scale]).toEqual([0.25, 0.25]);
  expect([...scales.shift]).toEqual([0, 0]);
});

const KINDS: RowNormalization[] = ["layer_norm", "constant_norm_rescale", { factor: 0.3 }];

test.each(KINDS)("rows return: scale x′ + shift is x (%j)", (kind) => {
  const [rows, dIn] = [50, 12];
  const x = normals("rows", rows * dIn, 3);
  const { out, scales } = normalized(kind, x, dIn);
  for (let i = 0; i < x.length; i++) {
    const b = Math.floor(i / dIn);
    // SAELens adds 1e-5 to the deviation on the way there only.
    expect(Math.abs(scales.scale[b]! * out[i]! + scales.shift[b]! - x[i]!)).toBeLessThan(2e-4);
  }
});

test.each(KINDS)("rows may be normalised in place, with the same numbers (%j)", (kind) => {
  const x = normals("in place", 24);
  const { out } = normalized(kind, x, 6);
  normalizeEachRow(kind, x, 6, x, rowScales(4));
  expect(x).toEqual(out);
});

test("a target is normalised by the scales of its input, not by its own", () => {
  const { scales } = normalized("layer_norm", Float32Array.of(1, 2, 3), 3);
  const target = new Float32Array(3);
  normalizeWith("layer_norm", Float32Array.of(2, 2, 12), 3, target, scales);
  expect([...target].map((v) => Math.round(v * 100) / 100)).toEqual([0, 0, 10]);
});

test("a row that is not finite gives one that is not, and leaves its neighbours alone", () => {
  const x = Float32Array.of(1, Number.NaN, 3, 1, 2, 3);
  const { out } = normalized("layer_norm", x, 3);
  expect([...out.subarray(0, 3)].every(Number.isNaN)).toBe(true);
  expect([...out.subarray(3)].every(Number.isFinite)).toBe(true);
});
