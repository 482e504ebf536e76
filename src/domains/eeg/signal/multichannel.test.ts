import { describe, expect, test } from "vitest";
import { commonAverageReference, sampleCountOf } from "./multichannel.ts";
import { copyWindow, windowStarts } from "./windows.ts";
import { zScore } from "./z-score.ts";

describe("common average reference", () => {
  test("takes the mean over channels away, sample by sample", () => {
    const channels = [Float64Array.of(1, 5), Float64Array.of(3, 5), Float64Array.of(8, 11)];
    // Means 4 and 7.
    commonAverageReference(channels);
    expect(channels.map((c) => [...c])).toEqual([
      [-3, -2],
      [-1, -2],
      [4, 4],
    ]);
  });

  test("channels of different length are refused", () => {
    expect(() => sampleCountOf([new Float64Array(3), new Float64Array(2)])).toThrow(
      /2 in channel 1/,
    );
    expect(sampleCountOf([])).toBe(0);
  });
});

describe("windows", () => {
  test("whole ones only, or the rest padded with zeros", () => {
    expect(windowStarts(10, { length: 4 })).toEqual([0, 4]);
    expect(windowStarts(10, { length: 4, remainder: "pad" })).toEqual([0, 4, 8]);
    expect(windowStarts(8, { length: 4, remainder: "pad" })).toEqual([0, 4]);
    expect(windowStarts(3, { length: 4 })).toEqual([]);
    expect(windowStarts(3, { length: 4, remainder: "pad" })).toEqual([0]);
    expect(windowStarts(0, { length: 4, remainder: "pad" })).toEqual([]);
  });

  test("with overlap; padding only where samples would be lost", () => {
    expect(windowStarts(10, { length: 4, overlap: 2 })).toEqual([0, 2, 4, 6]);
    expect(windowStarts(10, { length: 4, overlap: 2, remainder: "pad" })).toEqual([0, 2, 4, 6]);
    expect(windowStarts(11, { length: 4, overlap: 2, remainder: "pad" })).toEqual([0, 2, 4, 6, 8]);
  });

  test("impossible windows are refused", () => {
    expect(() => windowStarts(5, { length: 0 })).toThrow(/length/);
    expect(() => windowStarts(5, { length: 4, overlap: 4 })).toThrow(/overlap/);
  });

  test("are copied channel after channel, zeros beyond the end", () => {
    const out = new Float32Array(9).fill(9);
    copyWindow([Float64Array.of(1, 2, 3, 4), Float64Array.of(5, 6, 7, 8)], 2, 4, out, 1);
    expect([...out]).toEqual([9, 3, 4, 0, 0, 7, 8, 0, 0]);
  });
});

describe("z-score", () => {
  test("mean 0, population standard deviation 1", () => {
    const x = Float64Array.of(9, 1, 2, 3, 9);
    zScore(x, 1, 4);
    // Standard deviation of 1, 2, 3 is √(2/3).
    const z = Math.sqrt(1.5);
    for (const [i, v] of [9, -z, 0, z, 9].entries()) expect(x[i]).toBeCloseTo(v, 14);
  });

  test("a flat part becomes zeros", () => {
    const x = new Float64Array(4).fill(3.25);
    zScore(x);
    expect([...x]).toEqual([0, 0, 0, 0]);
  });

  test("deviations below the floor are divided by the floor", () => {
    const x = Float64Array.of(-1e-9, 1e-9);
    zScore(x);
    expect(x[1]).toBeCloseTo(0.1, 12);
  });
});
