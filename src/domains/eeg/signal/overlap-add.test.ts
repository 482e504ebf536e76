import { expect, test } from "vitest";
import { expectAllclose } from "../../../../test/support/allclose.ts";
import { coveringStarts, fadeWeights, OverlapAdd } from "./overlap-add.ts";
import { copyWindow } from "./windows.ts";

test("windows cut from signals give them back, whatever the overlap and the remainder", () => {
  const signals = [0, 1].map((c) =>
    Float64Array.from({ length: 103 }, (_, i) => Math.sin(i * (c + 1))),
  );
  for (const [length, hop] of [
    [10, 10],
    [10, 5],
    [16, 3],
    [103, 50],
  ] as const) {
    const whole = new OverlapAdd(2, 103, length);
    const window = new Float64Array(2 * length);
    for (const start of coveringStarts(103, length, hop)) {
      copyWindow(signals, start, length, window);
      whole.add(window, start);
    }
    for (const [c, x] of whole.mean().entries()) expectAllclose(x, signals[c]!, { atol: 1e-12 });
  }
});

test("between windows that disagree the mean fades from one to the other", () => {
  const mixed = new OverlapAdd(1, 15, 10);
  mixed.add(new Float64Array(10).fill(0), 0);
  mixed.add(new Float64Array(10).fill(1), 5);
  const [x] = mixed.mean();
  expect([x![0], x![4], x![10], x![14]]).toEqual([0, 0, 1, 1]);
  for (let i = 5; i < 10; i++) expect(x![i]!).toBeGreaterThan(x![i - 1]!);
  expect(x![7]).toBeCloseTo(0.5, 12);
});

test("windows reach every sample and weigh something everywhere", () => {
  expect(coveringStarts(20, 8, 4)).toEqual([0, 4, 8, 12]);
  expect(coveringStarts(21, 8, 4)).toEqual([0, 4, 8, 12, 13]);
  expect(coveringStarts(8, 8, 8)).toEqual([0]);
  expect(() => coveringStarts(7, 8, 4)).toThrow(/at least a window's 8/);
  expect(() => coveringStarts(9, 8, 9)).toThrow(/hop/);
  expect(fadeWeights(64).every((w) => w > 0)).toBe(true);
  expect(new OverlapAdd(1, 3, 2).mean()[0]!.every(Number.isNaN)).toBe(true);
  expect(() => new OverlapAdd(2, 9, 4).add(new Float64Array(4), 0)).toThrow(/2 × 4/);
});
