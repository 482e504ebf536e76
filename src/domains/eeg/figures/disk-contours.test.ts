import { describe, expect, test } from "vitest";
import {
  DISK_RINGS,
  DISK_SPOKES,
  diskPoints,
  outlinesAbove,
  type PolarPoint,
} from "./disk-contours.ts";

const points = diskPoints();
const x = ({ radius, turn }: PolarPoint) => radius * Math.sin(2 * Math.PI * turn);
const y = ({ radius, turn }: PolarPoint) => radius * Math.cos(2 * Math.PI * turn);

function regionAbove(of: (p: PolarPoint) => number, threshold: number): PolarPoint[][] {
  return outlinesAbove(
    { rings: DISK_RINGS, spokes: DISK_SPOKES, values: points.map(of) },
    threshold,
  );
}

/** Area by the shoelace formula; holes count against what they are in, whichever way they run. */
function area(outlines: readonly (readonly PolarPoint[])[]): number {
  const signed = outlines.map((outline) =>
    outline.reduce((sum, p, i) => {
      const q = outline[(i + 1) % outline.length]!;
      return sum + (x(p) * y(q) - x(q) * y(p)) / 2;
    }, 0),
  );
  return Math.abs(signed.reduce((a, b) => a + b, 0));
}

describe("the region of a disk above a threshold", () => {
  test("is all of it, none of it, or a half, as the formula says", () => {
    expect(regionAbove(() => 1, 0)).toHaveLength(1);
    expect(area(regionAbove(() => 1, 0))).toBeCloseTo(Math.PI, 2);
    expect(regionAbove(() => -1, 0)).toEqual([]);
    expect(area(regionAbove(x, 0))).toBeCloseTo(Math.PI / 2, 1);
    for (const p of regionAbove(x, 0)[0]!) expect(x(p)).toBeGreaterThan(-1e-9);
  });

  test("may lie around the middle, beside it, or have a hole", () => {
    const around = regionAbove((p) => 0.5 - p.radius, 0);
    expect(around).toHaveLength(1);
    expect(area(around)).toBeCloseTo(Math.PI / 4, 2);
    const beside = (p: PolarPoint) => 0.25 - Math.hypot(x(p) - 0.4, y(p) + 0.3);
    expect(regionAbove(beside, 0)).toHaveLength(1);
    expect(area(regionAbove(beside, 0))).toBeCloseTo(Math.PI / 16, 2);
    const hole = regionAbove((p) => -beside(p), 0);
    expect(hole).toHaveLength(2);
    expect(area(hole)).toBeCloseTo(Math.PI * (15 / 16), 2);
  });

  test("crosses a saddle, and leaves out what has no value", () => {
    const saddle = regionAbove((p) => x(p) * y(p), 0.02);
    expect(saddle).toHaveLength(2);
    const broken = regionAbove((p) => (x(p) > 0.5 ? Number.NaN : 1), 0);
    expect(area(broken)).toBeLessThan(Math.PI * 0.9);
    for (const p of broken.flat()) expect(x(p)).toBeLessThan(0.51);
  });
});
