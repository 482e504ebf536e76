/** Eigenvalues, least squares and rotations are what their definitions say. */
import { describe, expect, test } from "vitest";
import { normals } from "../../test/support/random.ts";
import { effectiveRank } from "./effective-rank.ts";
import { leastSquaresMap } from "./least-squares.ts";
import { multiply, transposed } from "./multiply.ts";
import { procrustes } from "./procrustes.ts";
import { symmetricEigen, symmetricEigenvalues } from "./symmetric-eigen.ts";

function gaussian(name: string, rows: number, columns: number): Float64Array {
  return Float64Array.from(normals(name, rows * columns));
}

function gram(x: Float64Array, rows: number, d: number): Float64Array {
  return multiply(transposed(x, rows, d), x, [d, rows, d]);
}

function largest(values: Float64Array): number {
  return values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
}

const identity = (n: number) =>
  Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? 1 : 0));

const less = (a: Float64Array, b: Float64Array) => a.map((v, i) => v - b[i]!);

/** Symmetric matrices of several kinds. */
const MATRICES: readonly (readonly [string, number, Float64Array])[] = [
  ["one number", 1, Float64Array.of(-3)],
  ["two by two", 2, Float64Array.of(2, 1, 1, -1)],
  ["zero", 5, new Float64Array(25)],
  ["diagonal", 4, Float64Array.from(identity(4), (v, at) => v * (at % 3))],
  ["of rank 3", 9, gram(gaussian("rank", 3, 9), 3, 9)],
  ["positive", 40, gram(gaussian("positive", 60, 40), 60, 40)],
  [
    "of wide range",
    12,
    gram(
      gaussian("range", 50, 12).map((v, at) => v * 10 ** (-(at % 12) / 2)),
      50,
      12,
    ),
  ],
];

describe.each(MATRICES)("a matrix: %s", (_, n, a) => {
  test("is Σ λ v vᵀ with orthonormal v and descending λ", () => {
    const { values, vectors } = symmetricEigen(a, n);
    const scaled = vectors.map((v, at) => v * values[Math.floor(at / n)]!);
    const again = multiply(transposed(vectors, n, n), scaled, [n, n, n]);
    const scale = Math.max(1, largest(a));
    expect(largest(less(again, a))).toBeLessThan(1e-13 * n * scale);
    const products = multiply(vectors, transposed(vectors, n, n), [n, n, n]);
    expect(largest(less(products, identity(n)))).toBeLessThan(1e-13);
    expect(Array.from(values)).toEqual(Array.from(values).sort((x, y) => y - x));
    expect(largest(less(symmetricEigenvalues(a, n), values))).toBeLessThan(1e-13 * scale);
  });
});

test.each([
  [5, 5],
  [9, 4],
  [4, 9],
])("Procrustes finds a rotation %i × %i again", (n, m) => {
  const [most, fewest] = [Math.max(n, m), Math.min(n, m)];
  // Eigenvectors of anything are a rotation; some of them make a map between widths.
  const { vectors } = symmetricEigen(gram(gaussian("any", 20, most), 20, most), most);
  const rows = vectors.slice(0, fewest * most);
  const rotation = n <= m ? rows : transposed(rows, fewest, most);
  const x = gaussian("x", 50, n);
  const y = multiply(x, rotation, [50, n, m]);
  const cross = multiply(transposed(x, 50, n), y, [n, 50, m]);
  const found = procrustes(cross, n, m);
  const products =
    n <= m
      ? multiply(found, transposed(found, n, m), [n, m, n])
      : multiply(transposed(found, n, m), found, [m, n, m]);
  expect(largest(less(products, identity(fewest)))).toBeLessThan(1e-12);
  // With n > m, directions of x outside the map still correlate with y by chance.
  if (n <= m) expect(largest(less(found, rotation))).toBeLessThan(1e-10);
});

test("Procrustes of nothing in common is zero, not a rotation out of rounding", () => {
  expect(largest(procrustes(new Float64Array(12), 3, 4))).toBe(0);
});

test("least squares gives back a map, and says how well it is determined", () => {
  const x = gaussian("x", 60, 6).map((v, at) => (at % 6 === 5 ? 0 : v * 10 ** -(at % 6)));
  const wanted = gaussian("map", 6, 3);
  const y = multiply(x, wanted, [60, 6, 3]);
  const cross = multiply(transposed(x, 60, 6), y, [6, 60, 3]);
  const { map, rank, condition } = leastSquaresMap(gram(x, 60, 6), cross, 6, 3);
  // The sixth variable is zero and the fifth has 1e-8 of the variance.
  expect(rank).toBe(4);
  expect(condition).toBeGreaterThan(100);
  expect(condition).toBeLessThan(1e4);
  expect(largest(less(map.slice(0, 9), wanted.slice(0, 9)))).toBeLessThan(1e-3);
  expect(largest(map.slice(15))).toBe(0);
});

test("effective rank counts directions of equal variance", () => {
  const diagonal = (...variances: number[]) =>
    identity(variances.length).map((v, at) => v * variances[at % variances.length]!);
  const found = effectiveRank(diagonal(2, 2, 2, 0, 0), 5)!;
  expect(found.effectiveRank).toBeCloseTo(3, 10);
  expect(found.participationRatio).toBeCloseTo(3, 10);
  expect(effectiveRank(diagonal(1, 0), 2)).toEqual({ effectiveRank: 1, participationRatio: 1 });
  expect(effectiveRank(diagonal(0, 0), 2)).toBeUndefined();
});
