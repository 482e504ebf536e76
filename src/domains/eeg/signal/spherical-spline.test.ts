import { describe, expect, test } from "vitest";
import { electrodePosition, type Point3, TEN_TWENTY } from "./electrodes.ts";
import { sphericalSpline, splineKernel } from "./spherical-spline.ts";

const cap = TEN_TWENTY.map((name) => electrodePosition(name)!);
const points: Point3[] = [
  [0, 0, 1],
  [0.3, 0.4, 0.6],
  [-2, 0.1, 0],
  [0.5, -0.7, -0.2],
];

function interpolated(weights: Float64Array, values: readonly number[]): number[] {
  const n = values.length;
  return Array.from({ length: weights.length / n }, (_, k) =>
    values.reduce((sum, v, i) => sum + v * weights[k * n + i]!, 0),
  );
}

test("the kernel is its series: by hand at 1, −1 and 0 for the first terms", () => {
  // Σ (2n+1)/(n(n+1))⁴ at 1: 3/2⁴ + 5/6⁴ + 7/12⁴ + 9/20⁴ + 11/30⁴ + …
  const first = [3 / 16, 5 / 1296, 7 / 20736, 9 / 160000, 11 / 810000, 13 / 42 ** 4];
  const sum = (signs: readonly number[]) =>
    first.reduce((total, term, i) => total + term * signs[i]!, 0) / (4 * Math.PI);
  expect(splineKernel(1)).toBeCloseTo(sum([1, 1, 1, 1, 1, 1]), 6);
  expect(splineKernel(-1)).toBeCloseTo(sum([-1, 1, -1, 1, -1, 1]), 6);
  expect(splineKernel(0)).toBeCloseTo(sum([0, -1 / 2, 0, 3 / 8, 0, -5 / 16]), 7);
});

describe("a map between electrodes", () => {
  test("is flat when all electrodes say the same", () => {
    for (const v of interpolated(
      sphericalSpline(cap, points),
      cap.map(() => 3.25),
    ))
      expect(v).toBeCloseTo(3.25, 9);
  });

  test("passes through every electrode's value when nothing is smoothed", () => {
    const values = cap.map((_, i) => Math.sin(3 * i));
    const found = interpolated(sphericalSpline(cap, cap, { smoothing: 0 }), values);
    for (const [i, v] of values.entries()) expect(found[i]).toBeCloseTo(v, 7);
  });

  test("follows a smooth field where there is no electrode", () => {
    const field = ([x, y, z]: Point3) => 2 * x - y + 0.5 * z;
    const inside: Point3[] = [
      [0, 0.6, 0.8],
      [-0.6, 0, 0.8],
      [0.48, 0.6, 0.64],
    ];
    const found = interpolated(sphericalSpline(cap, inside), cap.map(field));
    for (const [i, p] of inside.entries()) expect(found[i]).toBeCloseTo(field(p), 2);
  });

  test("depends on directions alone, and does not mind one electrode, or two in one place", () => {
    const twice = cap.map(([x, y, z]): Point3 => [2 * x, 2 * y, 2 * z]);
    const [a, b] = [sphericalSpline(cap, points), sphericalSpline(twice, points)];
    for (const [i, w] of a.entries()) expect(b[i]).toBeCloseTo(w, 12);
    expect(interpolated(sphericalSpline([[0, 0, 1]], points), [7])).toEqual([7, 7, 7, 7]);
    const doubled = sphericalSpline([...cap, cap[0]!], points);
    expect(doubled.every((w) => Math.abs(w) < 10)).toBe(true);
  });

  test("is refused where there is no direction, and for electrodes that contradict each other", () => {
    expect(() => sphericalSpline([[0, 0, 0]], points)).toThrow("Expected a direction");
    expect(() => sphericalSpline([], points)).toThrow("at least one");
    expect(() => sphericalSpline([...cap, cap[0]!], points, { smoothing: 0 })).toThrow(
      "Two electrodes are in one place",
    );
  });
});
