import { expect, test } from "vitest";
import { codeOf } from "../../../../test/support/code-of.ts";
import type { EncodedBatch } from "../../../sae/sae.ts";
import { CodeAgreement } from "./code-agreement.ts";

/** A code from its dense rows. */
function coded(rows: readonly (readonly number[])[]): EncodedBatch {
  const entries = rows.map((row) => row.flatMap((v, i) => (v === 0 ? [] : [[i, v] as const])));
  const flat = entries.flat();
  const ends = entries.map((_, r) => entries.slice(0, r + 1).flat().length);
  return {
    rows: rows.length,
    indptr: Int32Array.from([0, ...ends]),
    indices: Int32Array.from(flat, ([i]) => i),
    values: Float32Array.from(flat, ([, v]) => v),
  };
}

function pearson(x: readonly number[], y: readonly number[]): number {
  const mean = (v: readonly number[]) => v.reduce((s, a) => s + a, 0) / v.length;
  const [mx, my] = [mean(x), mean(y)];
  const sum = (f: (i: number) => number) => x.reduce((s, _, i) => s + f(i), 0);
  const covariance = sum((i) => (x[i]! - mx) * (y[i]! - my));
  return covariance / Math.sqrt(sum((i) => (x[i]! - mx) ** 2) * sum((i) => (y[i]! - my) ** 2));
}

const A = [
  [1, 0, 0.5],
  [2, 0, 0],
  [0, 3, 0],
  [1, 1, 0],
  [0, 0, 0],
];
/** Latent 0 of A is latent 1 here, latent 1 is latent 2; the third of A has no partner. */
const B = [
  [0, 1.5, 0],
  [0, 2, 1],
  [0, 0, 2],
  [0, 0, 1],
  [0, 1, 0],
];
const pair = { a: 0, b: 1, partnerOfA: Int32Array.of(1, 2, -1) };
const column = (rows: readonly (readonly number[])[], i: number) => rows.map((row) => row[i]!);

test("Jaccard and correlation of matched latents, over batches as over one", () => {
  const whole = new CodeAgreement([3, 3], [pair]);
  whole.add([coded(A), coded(B)]);
  const [numbers] = whole.numbers();
  // Latent 0: active in 0, 1, 3 and in 0, 1, 4; latent 1: in 2, 3 and in 1, 2, 3.
  expect(numbers!.jaccard).toBeCloseTo((2 / 4 + 2 / 3) / 2, 10);
  const expected = (pearson(column(A, 0), column(B, 1)) + pearson(column(A, 1), column(B, 2))) / 2;
  expect(numbers!.correlation).toBeCloseTo(expected, 10);
  expect(numbers!.latents).toBe(2);

  const parts = new CodeAgreement([3, 3], [pair]);
  parts.add([coded(A.slice(0, 2)), coded(B.slice(0, 2))]);
  parts.add([coded(A.slice(2)), coded(B.slice(2))]);
  expect(parts.numbers()).toEqual(whole.numbers());
  expect(Array.from(parts.density(0)!)).toEqual([3, 2, 1].map((n) => Math.fround(n / 5)));
});

test("an SAE agrees with itself wholly, and with shuffled partners less", () => {
  const rows = Array.from({ length: 200 }, (_, r) =>
    Array.from({ length: 12 }, (_, i) => ((r * 7 + i * i * 3) % 5 === 0 ? 1 + ((r + i) % 3) : 0)),
  );
  const agreement = new CodeAgreement(
    [12, 12],
    [{ a: 0, b: 1, partnerOfA: Int32Array.from({ length: 12 }, (_, i) => i) }],
  );
  agreement.add([coded(rows), coded(rows)]);
  const [numbers] = agreement.numbers();
  expect(numbers!.jaccard).toBe(1);
  expect(numbers!.correlation).toBeCloseTo(1, 10);
  expect(numbers!.jaccardNull).toBeLessThan(0.7);
  expect(numbers!.correlationNull).toBeLessThan(0.6);
});

test("latents that never fire count in no mean", () => {
  const agreement = new CodeAgreement([2, 2], [{ a: 0, b: 1, partnerOfA: Int32Array.of(0, 1) }]);
  agreement.add([coded([[1, 0]]), coded([[0, 1]])]);
  expect(agreement.numbers()[0]).toMatchObject({ latents: 0, jaccard: Number.NaN });
});

test("a latent that has one value in every row correlates with nothing", () => {
  const agreement = new CodeAgreement([1, 1], [{ a: 0, b: 1, partnerOfA: Int32Array.of(0) }]);
  agreement.add([coded([[2], [2], [2]]), coded([[1], [0], [3]])]);
  expect(agreement.numbers()[0]).toMatchObject({ latents: 1, correlation: 0 });
  expect(agreement.numbers()[0]!.jaccard).toBeCloseTo(2 / 3, 12);
});

test("nor does one whose value is not exact, however many rows", () => {
  const constant = codeOf(new Array(1003).fill(0.1), 1);
  const other = codeOf(
    Array.from({ length: 1003 }, (_, r) => r % 3),
    1,
  );
  const pairs = [
    { a: 0, b: 1, partnerOfA: Int32Array.of(0) },
    { a: 0, b: 2, partnerOfA: Int32Array.of(0) },
  ];
  const agreement = new CodeAgreement([1, 1, 1], pairs);
  agreement.add([constant, other, constant]);
  expect(agreement.numbers().map(({ correlation }) => correlation)).toEqual([0, 0]);
});

test("each latent has numbers of its own; those without a partner, or that never fire, have none", () => {
  const agreement = new CodeAgreement([3, 3], [pair]);
  agreement.add([coded(A), coded(B)]);
  const { jaccard, correlation } = agreement.perLatent(0);
  expect([...jaccard]).toEqual([2 / 4, 2 / 3, Number.NaN]);
  expect(correlation[0]).toBeCloseTo(pearson(column(A, 0), column(B, 1)), 12);
  expect(correlation[1]).toBeCloseTo(pearson(column(A, 1), column(B, 2)), 12);
  expect(correlation[2]).toBeNaN();
  const silent = new CodeAgreement([3, 3], [pair]);
  silent.add([coded(A), coded(B.map(() => [1, 0, 1]))]);
  expect(silent.perLatent(0).jaccard[0]).toBeNaN();
});

test("latents that fire on the same rows with opposite strength share rows, not values", () => {
  const agreement = new CodeAgreement([1, 1], [{ a: 0, b: 1, partnerOfA: Int32Array.of(0) }]);
  agreement.add([coded([[1], [2], [3]]), coded([[3], [2], [1]])]);
  expect(agreement.numbers()[0]!.jaccard).toBe(1);
  expect(agreement.numbers()[0]!.correlation).toBeCloseTo(-1, 10);
});

test("an SAE without rows has no density, and takes nothing from the others", () => {
  const agreement = new CodeAgreement(
    [3, 3, 5],
    [
      { a: 0, b: 1, partnerOfA: Int32Array.of(1, 2, -1) },
      { a: 0, b: 2, partnerOfA: Int32Array.of(0, 1, 2) },
    ],
  );
  agreement.add([coded(A), coded(B), undefined]);
  expect(agreement.density(2)).toBeUndefined();
  expect(agreement.numbers()[0]!.latents).toBe(2);
  expect(agreement.numbers()[1]!.latents).toBe(0);
});

test("a pair and the same pair turned around have the same numbers", () => {
  const there = new CodeAgreement([3, 3], [pair]);
  const back = new CodeAgreement([3, 3], [{ a: 0, b: 1, partnerOfA: Int32Array.of(-1, 0, 1) }]);
  there.add([coded(A), coded(B)]);
  back.add([coded(B), coded(A)]);
  expect(back.numbers()[0]!.jaccard).toBeCloseTo(there.numbers()[0]!.jaccard, 12);
  expect(back.numbers()[0]!.correlation).toBeCloseTo(there.numbers()[0]!.correlation, 12);
});

test("scaling an SAE's code changes neither number", () => {
  const scaled = new CodeAgreement([3, 3], [pair]);
  const plain = new CodeAgreement([3, 3], [pair]);
  plain.add([coded(A), coded(B)]);
  scaled.add([coded(A.map((row) => row.map((v) => 8 * v))), coded(B)]);
  expect(scaled.numbers()[0]!.correlation).toBeCloseTo(plain.numbers()[0]!.correlation, 10);
  expect(scaled.numbers()[0]!.jaccard).toBe(plain.numbers()[0]!.jaccard);
});
