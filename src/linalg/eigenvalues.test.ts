/** Eigenvalues of general matrices: of known ones, and as their sums of powers. */
import { expect, test } from "vitest";
import { normals } from "../../test/support/random.ts";
import { eigenvalues } from "./eigenvalues.ts";
import { multiply } from "./multiply.ts";

/** Turns of the plane by some angles, one block after another, [2 n, 2 n]. */
function turns(angles: readonly number[], scale = 1): Float64Array {
  const n = 2 * angles.length;
  const out = new Float64Array(n * n);
  for (const [i, angle] of angles.entries()) {
    const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
    out.set([cos, -sin], 2 * i * n + 2 * i);
    out.set([sin, cos], (2 * i + 1) * n + 2 * i);
  }
  return out;
}

test.each([0, 1e-16, 1e-8])("turns with errors of %s end, and have their angles", (error) => {
  for (let draw = 0; draw < 20; draw++) {
    const noise = normals(`noise ${draw}`, 36, error);
    const found = eigenvalues(
      turns([Math.PI / 2, Math.PI / 2, Math.PI / 2]).map((v, i) => v + noise[i]!),
      6,
    )!;
    expect(found).toHaveLength(6);
    for (const { angle, modulus } of found) {
      expect(angle).toBeCloseTo(Math.PI / 2, 6);
      expect(modulus).toBeCloseTo(1, 6);
    }
  }
});

test("angles and moduli, real ones among them, in order", () => {
  const found = eigenvalues(turns([0.5, Math.PI, 0], 2), 6)!;
  expect(found.map(({ modulus }) => modulus)).toEqual(Array(6).fill(expect.closeTo(2)));
  const angles = [0, 0, 0.5, 0.5, Math.PI, Math.PI];
  for (const [i, { angle }] of found.entries()) expect(angle).toBeCloseTo(angles[i]!);
});

test.each([1, 2, 3, 7, 40])("sums of powers are traces of powers: %i", (n) => {
  const a = Float64Array.from(normals(`matrix ${n}`, n * n, 1 / Math.sqrt(n)));
  const found = eigenvalues(a, n)!;
  let power: Float64Array = a;
  for (let p = 1; p <= 4; p++) {
    const trace = Array.from({ length: n }, (_, i) => power[i * n + i]!).reduce((s, v) => s + v);
    const sum = found.reduce((s, { modulus, angle }) => s + modulus ** p * Math.cos(p * angle), 0);
    expect(sum).toBeCloseTo(trace, 8);
    power = multiply(power, a, [n, n, n]);
  }
});

test("zeros have zeros; what is not finite has none", () => {
  expect(eigenvalues(new Float64Array(9), 3)!.map(({ modulus }) => modulus)).toEqual([0, 0, 0]);
  expect(eigenvalues([1, Number.NaN, 2, 3], 2)).toBeUndefined();
  expect(eigenvalues(new Float64Array(16).fill(Number.NaN), 4)).toBeUndefined();
});
