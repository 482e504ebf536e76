import { expect, test } from "vitest";
import { normals } from "../../test/support/random.ts";
import { rotation } from "../../test/support/rotation.ts";
import { effectiveRank } from "./effective-rank.ts";
import { multiply, transposed } from "./multiply.ts";

const diagonal = (...variances: readonly number[]) => {
  const d = variances.length;
  const out = new Float64Array(d * d);
  for (const [i, v] of variances.entries()) out[i * d + i] = v;
  return out;
};

const found = (...variances: readonly number[]) =>
  effectiveRank(diagonal(...variances), variances.length);

test("one dimension with variance has rank 1, and without has none", () => {
  expect(found(3)).toEqual({ effectiveRank: 1, participationRatio: 1 });
  expect(found(0)).toBeUndefined();
});

test("shares of one half and two quarters, worked out by hand", () => {
  const { effectiveRank: rank, participationRatio } = found(2, 1, 1)!;
  // The entropy is ½ ln 2 + 2 · ¼ ln 4 = 1.5 ln 2.
  expect(rank).toBeCloseTo(2 ** 1.5, 10);
  expect(participationRatio).toBeCloseTo(1 / (1 / 4 + 2 / 16), 10);
});

test.each([1e-30, 1e-3, 1, 1e12])("a scale of %d changes neither number", (scale) => {
  const [plain, scaled] = [found(5, 2, 1)!, found(5 * scale, 2 * scale, scale)!];
  expect(scaled.effectiveRank).toBeCloseTo(plain.effectiveRank, 8);
  expect(scaled.participationRatio).toBeCloseTo(plain.participationRatio, 8);
});

test("a rotation changes neither number", () => {
  const d = 4;
  const turn = rotation("rank", d);
  const covariance = diagonal(4, 3, 2, 1);
  const turned = multiply(multiply(transposed(turn, d, d), covariance, [d, d, d]), turn, [d, d, d]);
  const [plain, after] = [effectiveRank(covariance, d)!, effectiveRank(turned, d)!];
  expect(after.effectiveRank).toBeCloseTo(plain.effectiveRank, 8);
  expect(after.participationRatio).toBeCloseTo(plain.participationRatio, 8);
});

test("eigenvalues that rounding left below zero count as zero", () => {
  const { effectiveRank: rank, participationRatio } = found(1, 1, -1e-12)!;
  expect(rank).toBeCloseTo(2, 10);
  expect(participationRatio).toBeCloseTo(2, 10);
});

test("both lie from 1 to d, the participation ratio below the other", () => {
  for (const name of ["u", "v", "w"]) {
    const [rows, d] = [20, 6];
    const x = Float64Array.from(normals(name, rows * d), (v, i) => v * (1 + (i % d)));
    const { effectiveRank: rank, participationRatio } = effectiveRank(
      multiply(transposed(x, rows, d), x, [d, rows, d]),
      d,
    )!;
    expect(participationRatio).toBeGreaterThanOrEqual(1);
    expect(rank).toBeGreaterThanOrEqual(participationRatio);
    expect(rank).toBeLessThanOrEqual(d);
  }
});
