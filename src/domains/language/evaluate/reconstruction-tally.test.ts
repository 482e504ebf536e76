import { expect, test } from "vitest";
import { codeOf } from "../../../../test/support/code-of.ts";
import { ReconstructionTally } from "./reconstruction-tally.ts";
import { largestDimensions, rowFacts } from "./splice-rows.ts";

const all = () => true;

/** Rows [n, 2], their reconstructions, and codes [n, 3]. */
function tallied(
  x: readonly number[],
  reconstruction: readonly number[],
  codes: readonly number[],
  counts: (row: number) => boolean = all,
) {
  const tally = new ReconstructionTally(3);
  const residual = Float32Array.from(reconstruction, (v, i) => v - x[i]!);
  tally.add(Float32Array.from(x), residual, codeOf(codes, 3), counts);
  return tally;
}

const VARIANCE = Float64Array.of(3, 1);

test("a hand-worked example of two rows", () => {
  // (3, 4) → (3, 0) and (0, 2) → (0, 4).
  const found = tallied([3, 4, 0, 2], [3, 0, 0, 4], [1, 0, 2, 0, 0, 4]).numbers(VARIANCE);
  expect(found.rows).toBe(2);
  expect(found.fvu).toBeCloseTo((16 + 4) / 2 / 4, 12);
  expect(found.mse).toBeCloseTo((16 + 4) / 4, 12);
  expect(found.cosine).toBeCloseTo((9 / 15 + 1) / 2, 12);
  expect([found.normIn, found.normOut]).toEqual([3.5, 3.5]);
  expect(found.normRatio).toBeCloseTo((3 / 5 + 2) / 2, 12);
  expect(found.bias).toBeCloseTo((9 + 16) / (9 + 8), 12);
  expect([found.l0, found.l1]).toEqual([1.5, 3.5]);
  expect(Array.from(found.density)).toEqual([0.5, 0, 1]);
});

test("a perfect reconstruction has no error, no shrinkage and no bias", () => {
  const x = [1, 2, -3, 0.5];
  const found = tallied(x, x, [1, 1, 0, 0, 1, 1]).numbers(VARIANCE);
  expect(found).toMatchObject({ fvu: 0, mse: 0, normRatio: 1, bias: 1 });
  expect(found.cosine).toBeCloseTo(1, 12);
});

test("reconstructions half as long have a ratio and a bias of one half", () => {
  const found = tallied([2, 0, 0, 8], [1, 0, 0, 4], [1, 0, 0, 1, 0, 0]).numbers(VARIANCE);
  expect(found.normRatio).toBe(0.5);
  expect(found.bias).toBe(0.5);
  expect(found.cosine).toBe(1);
});

test("rows that do not count add nothing, not even to the density", () => {
  const some = tallied([3, 4, 9, 9], [3, 0, 9, 9], [1, 0, 2, 5, 5, 5], (row) => row === 0);
  const first = tallied([3, 4], [3, 0], [1, 0, 2]);
  expect(some.numbers(VARIANCE)).toEqual(first.numbers(VARIANCE));
});

test("batches add up to the whole", () => {
  const tally = new ReconstructionTally(3);
  for (const [x, to, code] of [
    [
      [3, 4],
      [3, 0],
      [1, 0, 2],
    ],
    [
      [0, 2],
      [0, 4],
      [0, 0, 4],
    ],
  ] as const) {
    const residual = Float32Array.from(to, (v, i) => v - x[i]!);
    tally.add(Float32Array.from(x), residual, codeOf(code, 3), all);
  }
  const whole = tallied([3, 4, 0, 2], [3, 0, 0, 4], [1, 0, 2, 0, 0, 4]);
  expect(tally.numbers(VARIANCE)).toEqual(whole.numbers(VARIANCE));
});

test("a row or a reconstruction of zeros has no direction and a cosine of 0", () => {
  const found = tallied([0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0, 0, 0]).numbers(VARIANCE);
  expect([found.cosine, found.normRatio, found.l0]).toEqual([0, 0, 0]);
});

test("negative activations count by their size, and stored zeros are inactive", () => {
  const tally = new ReconstructionTally(2);
  const code = {
    rows: 1,
    indptr: Int32Array.of(0, 2),
    indices: Int32Array.of(0, 1),
    values: Float32Array.of(-3, 0),
  };
  tally.add(Float32Array.of(1, 1), new Float32Array(2), code, all);
  const { l0, l1, density } = tally.numbers(VARIANCE);
  expect([l0, l1, ...density]).toEqual([1, 3, 1, 0]);
});

test("padding counts for no mean, no variance and no median", () => {
  const rows = Float32Array.of(1, 0, 3, 0, 1000, 1000);
  const facts = rowFacts(rows, 2, Uint8Array.of(1, 1, 0));
  expect(facts.medianNorm).toBe(2);
  expect([...facts.mean]).toEqual([2, 0]);
  expect([...facts.variance]).toEqual([1, 0]);
  expect(facts.outliers).toBe(0);
});

test("ten times the median is not yet an outlier", () => {
  const facts = rowFacts(Float32Array.of(1, 1, 1, 10, 10.5), 1, new Uint8Array(5).fill(1));
  expect([...facts.isOutlier]).toEqual([0, 0, 0, 0, 1]);
});

test("the largest dimensions come by variance, and equal ones by their place", () => {
  const variance = Float64Array.of(1, 5, 0, 5, 9);
  expect(largestDimensions(variance, 3)).toEqual([4, 1, 3]);
  expect(largestDimensions(variance, 0)).toEqual([]);
  expect(largestDimensions(variance, 99)).toEqual([4, 1, 3, 0, 2]);
});
