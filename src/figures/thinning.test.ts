import { describe, expect, test } from "vitest";
import { sampledPositions, thinnedCurve } from "./thinning.ts";

describe("a thinned curve", () => {
  test("is the same array while it is short enough", () => {
    const points = Array.from({ length: 40 }, (_, x) => ({ x, y: x }));
    expect(thinnedCurve(points, 40)).toBe(points);
    expect(thinnedCurve([], 40)).toEqual([]);
  });

  test("keeps of each stretch its first, lowest, highest and last", () => {
    // Two stretches of six points.
    const ys = [5, 1, 9, 4, 4, 6, 0, 3, 3, 8, 2, 7];
    const points = ys.map((y, x) => ({ x, y }));
    expect(thinnedCurve(points, 8).map((p) => p.x)).toEqual([0, 1, 2, 5, 6, 9, 11]);
  });

  test("takes the first of several that are equally low", () => {
    const points = [3, 1, 1, 1, 2, 3, 3, 3].map((y, x) => ({ x, y }));
    expect(thinnedCurve(points, 4).map((p) => p.x)).toEqual([0, 1, 7]);
  });

  test("keeps what else a point carries", () => {
    const points = Array.from({ length: 100 }, (_, x) => ({ x, y: 0, name: `p${x}` }));
    expect(thinnedCurve(points, 4).map((p) => p.name)).toEqual(["p0", "p99"]);
  });
});

describe("sampled positions", () => {
  test("are different, ascending, and inside", () => {
    for (const n of [11, 100, 5000]) {
      const sample = [...sampledPositions(n, 10)];
      expect(sample).toHaveLength(10);
      expect(new Set(sample).size).toBe(10);
      expect(sample).toEqual(sample.toSorted((a, b) => a - b));
      expect(sample[0]! >= 0 && sample[9]! < n).toBe(true);
    }
  });

  test("are spread over everything, not taken from the beginning", () => {
    const sample = sampledPositions(100_000, 1000);
    const lower = sample.filter((i) => i < 50_000).length;
    // Of 1000 draws half lie below, with a standard deviation of 16.
    expect(Math.abs(lower - 500)).toBeLessThan(80);
  });

  test("are all of them where there are as many as allowed, and none of none", () => {
    expect([...sampledPositions(3, 3)]).toEqual([0, 1, 2]);
    expect([...sampledPositions(0, 3)]).toEqual([]);
  });
});
