import { describe, expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { normals } from "../../test/support/random.ts";
import { rotation } from "../../test/support/rotation.ts";
import { leadingDirections } from "./leading-directions.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

/** Rows whose spread along coordinate c falls as 1 / (c + 1). */
function uneven(count: number, d: number): Float32Array {
  return normals("uneven", count * d).map((x, i) => x / ((i % d) + 1));
}

function momentsOf(rows: Float32Array, count: number, d: number): Float64Array {
  const moments = new Float64Array(d * d);
  for (let r = 0; r < count; r++)
    for (let i = 0; i < d; i++)
      for (let j = 0; j < d; j++) moments[i * d + j]! += rows[r * d + i]! * rows[r * d + j]!;
  return moments;
}

test("leading directions of wide rows hold what the exact ones hold", async () => {
  const [count, d, rank] = [400, 160, 8];
  const matrix = uneven(count, d);
  const found = await leadingDirections(reference, { matrix, count, d }, rank);
  const { values, vectors } = symmetricEigen(momentsOf(matrix, count, d), d);
  for (let r = 0; r < rank; r++) {
    expect(found.energies[r]! / values[r]!).toBeCloseTo(1, 5);
    let dot = 0;
    for (let c = 0; c < d; c++) dot += found.vectors[r * d + c]! * vectors[r * d + c]!;
    expect(Math.abs(dot)).toBeCloseTo(1, 4);
  }
});

test.each([20, 160])(
  "of fewer rows than directions in %i dimensions, the rest are zeros",
  async (d) => {
    const found = await leadingDirections(reference, { matrix: uneven(3, d), count: 3, d }, 8);
    expect(found.held).toBe(3);
    expect(found.vectors.subarray(3 * d).every((v) => v === 0)).toBe(true);
    expect(Array.from(found.energies.subarray(3))).toEqual([0, 0, 0, 0, 0]);
  },
);

/** ‖V V'ᵀ‖² / rank of the leading subspaces of two matrices. */
async function overlapOf(a: Float32Array, b: Float32Array, d: number, rank: number) {
  const of = async (matrix: Float32Array) =>
    (await leadingDirections(reference, { matrix, count: matrix.length / d, d }, rank)).vectors;
  const [u, v] = [await of(a), await of(b)];
  let sum = 0;
  for (let i = 0; i < rank; i++)
    for (let j = 0; j < rank; j++) {
      let dot = 0;
      for (let c = 0; c < d; c++) dot += u[i * d + c]! * v[j * d + c]!;
      sum += dot ** 2;
    }
  return sum / rank;
}

/** The rows in reverse. */
function reversed(rows: Float32Array, d: number): Float32Array {
  const out = new Float32Array(rows.length);
  for (let at = 0; at < rows.length; at += d)
    out.set(rows.subarray(at, at + d), rows.length - d - at);
  return out;
}

describe("of orthonormal rows, all of one energy", () => {
  const [d, rank] = [144, 48];
  const [one, other] = ["one", "other"].map((name) => Float32Array.from(rotation(name, d))) as [
    Float32Array,
    Float32Array,
  ];

  test("unrelated ones overlap as random subspaces do", async () => {
    expect(Math.abs((await overlapOf(one, other, d, rank)) - rank / d)).toBeLessThan(0.02);
  });

  test("the same ones overlap completely, at any scale", async () => {
    expect(await overlapOf(one, one, d, rank)).toBeCloseTo(1, 5);
    const small = one.map((x) => x / 1024);
    expect(await overlapOf(one, small, d, rank)).toBeCloseTo(1, 5);
  });

  test("the same ones in another order overlap as far as rounding allows", async () => {
    // 64 directions are iterated, and rounding decides which 48 of them lead: 48 / 64 or so.
    expect(await overlapOf(one, reversed(one, d), d, rank)).toBeGreaterThan(0.72);
  });

  test("few of them are held in full, though more directions are wanted", async () => {
    const matrix = one.subarray(0, 20 * d);
    const found = await leadingDirections(reference, { matrix, count: 20, d }, rank);
    expect(found.held).toBe(20);
    for (const energy of found.energies.subarray(0, 20)) expect(energy).toBeCloseTo(1, 4);
  });
});

test("of no rows and of rows of zeros, wide ones hold nothing", async () => {
  const d = 160;
  for (const count of [0, 2]) {
    const rows = { matrix: new Float32Array(count * d), count, d };
    expect((await leadingDirections(reference, rows, 8)).held).toBe(0);
  }
});
