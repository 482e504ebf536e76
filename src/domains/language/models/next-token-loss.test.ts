import { describe, expect, test } from "vitest";
import { tokenBatch } from "../text/token-batch.ts";
import { summarise, targetsOf } from "./next-token-loss.ts";

const IDS = Int32Array.of(1, 2, 3, 4, 5, 6, 7, 8);

describe("targets", () => {
  test("are the next token of the same window, and 0 at its end", () => {
    expect(Array.from(targetsOf(tokenBatch(IDS, 2, 4)), Number)).toEqual([2, 3, 4, 0, 6, 7, 8, 0]);
  });

  test("of windows of one token are nothing but zeros", () => {
    expect(Array.from(targetsOf(tokenBatch(IDS, 8, 1)), Number)).toEqual(new Array(8).fill(0));
  });

  test("hold the largest id that an int32 can", () => {
    const most = 2 ** 31 - 1;
    expect(targetsOf(tokenBatch(Int32Array.of(0, most), 1, 2))[0]).toBe(BigInt(most));
  });
});

describe("a loss", () => {
  const losses = () => Float32Array.of(1, 2, 4, 8, 16, 32, 64, 128);

  test("leaves out the end of each window, which predicts nothing", () => {
    const found = summarise(losses(), tokenBatch(IDS, 2, 4));
    expect([found.sum, found.count]).toEqual([1 + 2 + 4 + 16 + 32 + 64, 6]);
    expect(Array.from(found.perToken)).toEqual([1, 2, 4, Number.NaN, 16, 32, 64, Number.NaN]);
  });

  test("leaves out padding, and the last real token in front of it", () => {
    const padded = { ...tokenBatch(IDS, 2, 4), lengths: Int32Array.of(2, 4) };
    const found = summarise(losses(), padded);
    expect([found.sum, found.count]).toEqual([1 + 16 + 32 + 64, 4]);
    expect(Array.from(found.perToken, Number.isNaN)).toEqual(
      [false, true, true, true, false, false, false, true], // biome-ignore format: one line
    );
  });

  test.each([[0], [1]])("of windows of %d real tokens is a sum over none", (length) => {
    const padded = { ...tokenBatch(IDS, 2, 4), lengths: Int32Array.of(length, length) };
    const found = summarise(losses(), padded);
    expect([found.sum, found.count]).toEqual([0, 0]);
    expect(Array.from(found.perToken).every(Number.isNaN)).toBe(true);
  });

  test("of padding may be anything, also not finite", () => {
    const values = Float32Array.of(1, Number.NaN, Number.POSITIVE_INFINITY, 0);
    const padded = { ...tokenBatch(IDS.slice(0, 4), 1, 4), lengths: Int32Array.of(2) };
    expect(summarise(values, padded).sum).toBe(1);
  });

  test("is summed in double precision", () => {
    const values = new Float32Array(10_001).fill(0.1);
    const found = summarise(values, tokenBatch(new Int32Array(10_001), 1, 10_001));
    expect(found.sum).toBeCloseTo(10_000 * Math.fround(0.1), 8);
  });
});
