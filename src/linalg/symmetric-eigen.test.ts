import { describe, expect, test } from "vitest";
import { normals } from "../../test/support/random.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

/** A random symmetric matrix, repeatable by name. */
function symmetric(name: string, n: number): Float64Array {
  const half = normals(name, n * n);
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return half[i * n + j]! + half[j * n + i]!;
  });
}

const row = (matrix: Float64Array, n: number, i: number) => matrix.subarray(i * n, (i + 1) * n);
const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);

test("a matrix of two rows has the values that its characteristic polynomial has", () => {
  // λ² − 7λ + 6 = 0.
  const { values, vectors } = symmetricEigen(Float64Array.of(2, 2, 2, 5), 2);
  expect(values[0]).toBeCloseTo(6, 12);
  expect(values[1]).toBeCloseTo(1, 12);
  // The eigenvectors are (1, 2) and (2, −1), up to length and sign.
  expect(vectors[1]! / vectors[0]!).toBeCloseTo(2, 12);
  expect(vectors[3]! / vectors[2]!).toBeCloseTo(-0.5, 12);
});

test("a diagonal matrix is its own answer, sorted from the largest to the smallest", () => {
  const { values, vectors } = symmetricEigen(Float64Array.of(-3, 0, 0, 0, 7, 0, 0, 0, 2), 3);
  expect([...values]).toEqual([7, 2, -3]);
  expect([...vectors]).toEqual([0, 1, 0, 0, 0, 1, 1, 0, 0]);
});

describe.each([1, 2, 5, 30])("a random symmetric matrix of %d rows", (n) => {
  const matrix = symmetric("matrix", n);
  const before = matrix.slice();
  const { values, vectors } = symmetricEigen(matrix, n);

  test("is Σ λ v vᵀ", () => {
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let e = 0; e < n; e++) sum += values[e]! * vectors[e * n + i]! * vectors[e * n + j]!;
        expect(Math.abs(sum - matrix[i * n + j]!)).toBeLessThan(1e-9);
      }
  });

  test("has orthonormal eigenvectors, one per row, in descending order of their values", () => {
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const product = dot(row(vectors, n, i), row(vectors, n, j));
        expect(Math.abs(product - (i === j ? 1 : 0))).toBeLessThan(1e-12);
      }
    expect([...values]).toEqual([...values].sort((a, b) => b - a));
  });

  test("is not changed", () => {
    expect(matrix).toEqual(before);
  });
});

test("values that occur twice, and zeros, are found with as many eigenvectors", () => {
  // 3 I + the matrix of ones has the values 6, 3 and 3.
  const { values } = symmetricEigen(Float64Array.of(4, 1, 1, 1, 4, 1, 1, 1, 4), 3);
  expect([...values].map((v) => Math.round(v * 1e10) / 1e10)).toEqual([6, 3, 3]);
  expect([...symmetricEigen(new Float64Array(4), 2).values]).toEqual([0, 0]);
});

test("a scale far from 1 costs no precision", () => {
  const small = symmetric("scaled", 6);
  const { values } = symmetricEigen(small, 6);
  for (const scale of [1e-100, 1e100]) {
    const scaled = symmetricEigen(
      small.map((v) => v * scale),
      6,
    );
    for (let i = 0; i < 6; i++) expect(scaled.values[i]! / scale).toBeCloseTo(values[i]!, 10);
  }
});
