/** Products, singular values, moments and maps of matrices that can be worked out by hand. */
import { describe, expect, test } from "vitest";
import { backendNames, openNamed, reference } from "../../test/support/backends.ts";
import { normals } from "../../test/support/random.ts";
import { rotation } from "../../test/support/rotation.ts";
import { leadingDirections } from "./leading-directions.ts";
import { leastSquaresMap } from "./least-squares.ts";
import { multiply, transposed } from "./multiply.ts";
import { PairedMoments } from "./paired-moments.ts";
import { procrustes } from "./procrustes.ts";
import { singularValues } from "./singular-values.ts";

const f64 = (...values: readonly number[]) => Float64Array.from(values);

describe("products", () => {
  test("of [2, 3] and [3, 1]", () => {
    expect([...multiply(f64(1, 2, 3, 4, 5, 6), f64(1, 0, -1), [2, 3, 1])]).toEqual([-2, -2]);
  });

  test("with an inner width of 0 are zeros, without rows are empty", () => {
    expect([...multiply(f64(), f64(), [2, 0, 2])]).toEqual([0, 0, 0, 0]);
    expect(multiply(f64(), f64(1, 2), [0, 1, 2])).toHaveLength(0);
  });

  test("transposed twice is the matrix, and a product turns its factors around", () => {
    const [a, b] = [f64(1, 2, 3, 4, 5, 6), f64(7, 8, 9, 10, 11, 12)];
    expect(transposed(transposed(a, 2, 3), 3, 2)).toEqual(a);
    const product = multiply(a, b, [2, 3, 2]);
    const turned = multiply(transposed(b, 3, 2), transposed(a, 2, 3), [2, 3, 2]);
    expect(transposed(product, 2, 2)).toEqual(turned);
  });
});

describe("singular values", () => {
  test.each<[string, readonly number[], number, number, readonly number[]]>([
    ["a diagonal, signs aside", [3, 0, 0, -4], 2, 2, [4, 3]],
    ["a row", [3, 4], 1, 2, [5]],
    ["a column", [3, 4], 2, 1, [5]],
    ["a matrix of rank one", [1, 1, 1, 1], 2, 2, [2, 0]],
    ["zeros", [0, 0, 0, 0, 0, 0], 2, 3, [0, 0]],
  ])("of %s", (_, values, m, n, wanted) => {
    const found = singularValues(Float32Array.from(values), m, n);
    expect(found).toHaveLength(wanted.length);
    for (const [i, v] of wanted.entries()) expect(found[i]).toBeCloseTo(v, 7);
  });

  test("are those of the transpose, and of a rotation all one", () => {
    const matrix = normals("sv", 12);
    const turned = Float32Array.from(transposed(Float64Array.from(matrix), 3, 4));
    const [a, b] = [singularValues(matrix, 3, 4), singularValues(turned, 4, 3)];
    for (const [i, v] of a.entries()) expect(b[i]).toBeCloseTo(v, 6);
    const ones = singularValues(Float32Array.from(rotation("sv", 5)), 5, 5);
    for (const v of ones) expect(v).toBeCloseTo(1, 6);
  });
});

describe.each(backendNames)("moments on %s", (name) => {
  const backend = openNamed(name);

  test("of pairs worked out by hand", async () => {
    const moments = new PairedMoments(backend, 2, 1);
    await moments.add(Float32Array.of(1, 0, 3, 4), 2, Float32Array.of(10, 20));
    expect(moments.rows).toBe(2);
    const { x, y } = moments.means();
    expect([...x, ...y]).toEqual([2, 2, 15]);
    // Deviations (−1, −2), (1, 2) with −5, 5.
    for (const [i, v] of [5, 10].entries()) expect(moments.covariance()[i]).toBeCloseTo(v, 5);
  });

  test("do not depend on the batches, and large means cost no digits", async () => {
    const [rows, d] = [64, 3];
    const x = normals("moments", rows * d).map((v) => v + 1000);
    const whole = new PairedMoments(backend, d);
    await whole.add(x, rows);
    const parts = new PairedMoments(backend, d);
    for (let r = 0; r < rows; r += 16) await parts.add(x.subarray(r * d, (r + 16) * d), 16);
    const small = new PairedMoments(backend, d);
    await small.add(
      x.map((v) => v - 1000),
      rows,
    );
    for (const [i, v] of small.covariance().entries()) {
      expect(whole.covariance()[i]).toBeCloseTo(v, 4);
      expect(parts.covariance()[i]).toBeCloseTo(v, 4);
    }
  });

  test("of one row have no spread", async () => {
    const moments = new PairedMoments(backend, 2);
    await moments.add(Float32Array.of(5, -7), 1);
    expect([...moments.covariance()]).toEqual([0, 0, 0, 0]);
    expect([...moments.means().x]).toEqual([5, -7]);
  });
});

describe("leading directions", () => {
  test("are the axes by their energy, of length one, and the rest is nothing", async () => {
    const matrix = Float32Array.of(0, 3, 0, 2, 0, 0, 0, -3, 0);
    const found = await leadingDirections(reference, { matrix, count: 3, d: 3 }, 3);
    expect(found.held).toBe(2);
    for (const [i, v] of [18, 4, 0].entries()) expect(found.energies[i]).toBeCloseTo(v, 5);
    expect(Array.from(found.vectors, (v) => Math.abs(Math.round(v)))).toEqual(
      [0, 1, 0, 1, 0, 0, 0, 0, 0], // biome-ignore format: one line
    );
  });

  test("of rows of zeros, and of no rows, hold nothing", async () => {
    for (const count of [0, 2]) {
      const rows = { matrix: new Float32Array(count * 4), count, d: 4 };
      const found = await leadingDirections(reference, rows, 2);
      expect(found.held).toBe(0);
      expect([...found.vectors, ...found.energies].every((v) => v === 0)).toBe(true);
    }
  });

  test("are orthonormal, and the same bytes at every call", async () => {
    const rows = { matrix: normals("leading", 20 * 6), count: 20, d: 6 };
    const found = await leadingDirections(reference, rows, 4);
    const vectors = Float64Array.from(found.vectors);
    const gram = multiply(vectors, transposed(vectors, 4, 6), [4, 6, 4]);
    for (const [at, v] of gram.entries()) expect(v).toBeCloseTo(at % 5 === 0 ? 1 : 0, 5);
    expect(await leadingDirections(reference, rows, 4)).toEqual(found);
  });
});

describe("maps", () => {
  test("a reflection is orthogonal too, and found", () => {
    // y = −x: the cross-covariance of unit variance is −1.
    expect([...procrustes(f64(-1, 0, 0, -2), 2, 2)]).toEqual([-1, 0, 0, -1].map((v) => expect.closeTo(v, 10))); // biome-ignore format: one line
  });

  test("a rotation does not depend on how much the samples have in common", () => {
    const cross = Float64Array.from(normals("cross", 16));
    const [one, ten] = [procrustes(cross, 4, 4), procrustes(cross.map((v) => 10 * v), 4, 4)]; // biome-ignore format: one line
    for (const [i, v] of one.entries()) expect(ten[i]).toBeCloseTo(v, 8);
  });

  test("least squares in one dimension is covariance over variance", () => {
    const { map, rank, condition } = leastSquaresMap(f64(4), f64(2, -8), 1, 2);
    expect([...map]).toEqual([0.5, -2]);
    expect([rank, condition]).toEqual([1, 1]);
  });

  test("without variance there is no map, no rank and no condition", () => {
    const { map, rank, condition } = leastSquaresMap(new Float64Array(4), f64(1, 2), 2, 1);
    expect([...map]).toEqual([0, 0]);
    expect(rank).toBe(0);
    expect(condition).toBeNaN();
  });

  test("of variables that are copies the map of least norm shares the weight", () => {
    const { map, rank } = leastSquaresMap(f64(1, 1, 1, 1), f64(1, 1), 2, 1);
    expect(rank).toBe(1);
    for (const w of map) expect(w).toBeCloseTo(0.5, 10);
  });

  test("the condition is the root of the ratio of variances", () => {
    expect(leastSquaresMap(f64(100, 0, 0, 4), f64(1, 1), 2, 1).condition).toBeCloseTo(5, 10);
  });
});
