import { expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { normals } from "../../test/support/random.ts";
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
