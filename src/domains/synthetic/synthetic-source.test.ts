import { expect, test } from "vitest";
import { referenceBackend } from "../../backend/reference/reference-backend.ts";
import { correlatedProbabilities, covarianceFactor } from "./correlated-probabilities.ts";
import { SYNTHETIC_DEFAULTS } from "./options.ts";
import { openSyntheticSource } from "./synthetic-source.ts";

const backend = referenceBackend();

/**
 * Coefficients of each row in a basis of unit features, where features are fewer than dimensions:
 * exact by least squares on I.
 */
async function identitySource(options: object) {
  return openSyntheticSource(backend, {
    generator: "mfr",
    dIn: 48,
    features: 24,
    groups: 3,
    active: 5,
    seed: 4,
    heldOutRows: 60,
    ...options,
  });
}

/**
 * Which features take part in a row, by solving for the coefficients with the normal equations
 * (features are few).
 */
function activeFeatures(row: Float32Array, features: Float32Array, count: number): number[] {
  const d = row.length;
  const a = Array.from({ length: count }, (_, i) =>
    Array.from({ length: count + 1 }, (_, j) => {
      let sum = 0;
      for (let q = 0; q < d; q++)
        sum += features[i * d + q]! * (j < count ? features[j * d + q]! : row[q]!);
      return sum;
    }),
  );
  for (let p = 0; p < count; p++)
    for (let i = 0; i < count; i++) {
      if (i === p) continue;
      const factor = a[i]![p]! / a[p]![p]!;
      for (let j = p; j <= count; j++) a[i]![j]! -= factor * a[p]![j]!;
    }
  return a.flatMap((r, i) => (Math.abs(r[count]! / r[i]!) > 1e-4 ? [i] : []));
}

async function supportsOf(source: Awaited<ReturnType<typeof identitySource>>, rows: number) {
  const x = new Float32Array(rows * 48);
  await source.train.next(x);
  const { matrix } = source.trueFeatures!;
  return Array.from({ length: rows }, (_, r) =>
    activeFeatures(x.subarray(r * 48, (r + 1) * 48), matrix, 24),
  );
}

test("a row is made of `active` features of one group", async () => {
  for (const support of await supportsOf(await identitySource({ support: "per_sample" }), 40)) {
    expect(support.length).toBe(5);
    expect(new Set(support.map((f) => Math.floor(f / 8))).size).toBe(1);
  }
});

test("with per_batch_group, rows of a group share their features until the next generation batch", async () => {
  const source = await identitySource({ support: "per_batch_group", generationBatch: 30 });
  const supports = (await supportsOf(source, 60)).map(String);
  expect(new Set(supports.slice(0, 30)).size).toBe(3);
  expect(new Set(supports.slice(30)).size).toBe(3);
  expect(new Set(supports).size).toBeGreaterThan(3);
});

test("with trainRows the same rows come again, wherever a batch begins or ends", async () => {
  const source = await identitySource({ trainRows: 13 });
  expect(source.train.rowsPerPass).toBe(13);
  const twice = new Float32Array(31 * 48);
  await source.train.next(twice);
  const row = (at: number) => twice.slice(at * 48, (at + 1) * 48);
  for (let at = 0; at < 31; at++) expect(row(at)).toEqual(row(at % 13));
  expect(row(1)).not.toEqual(row(0));
  await source.train.seek({ row: 9 });
  const again = new Float32Array(6 * 48);
  await source.train.next(again);
  expect(again).toEqual(twice.slice(9 * 48, 15 * 48));
});

test("trainRows below one are refused", async () => {
  await expect(identitySource({ trainRows: 0 })).rejects.toThrow("source.train_rows");
});

test("a stream put back serves the same bytes, across generation batches and call sizes", async () => {
  const source = await identitySource({ support: "per_batch_group", generationBatch: 7 });
  const whole = new Float32Array(40 * 48);
  await source.train.next(whole);
  await source.train.seek({ row: 0 });
  const parts = new Float32Array(40 * 48);
  for (const [from, to] of [
    [0, 13],
    [13, 14],
    [14, 40],
  ] as const) {
    await source.train.seek({ ...source.train.state() });
    await source.train.next(parts.subarray(from * 48, to * 48));
  }
  expect(parts).toEqual(whole);
});

test("held-out rows are none of the training rows and refuse to be read beyond their end", async () => {
  const source = await identitySource({});
  const train = new Float32Array(60 * 48);
  const held = new Float32Array(60 * 48);
  await source.train.next(train);
  await source.heldOut.read(0, held);
  for (let r = 0; r < 60; r++) expect(held[r * 48]).not.toBe(train[r * 48]);
  await expect(source.heldOut.read(1, held)).rejects.toThrow("rows 0 to 60 but received 1 to 61");
});

test("sparse_coding rows have the stated mean number of active features", async () => {
  const source = await openSyntheticSource(backend, {
    generator: "sparse_coding",
    dIn: 48,
    features: 24,
    active: 3,
    decay: 1,
    seed: 2,
    noise: 0,
  });
  const x = new Float32Array(400 * 48);
  await source.train.next(x);
  let active = 0;
  for (let r = 0; r < 400; r++)
    active += activeFeatures(
      x.subarray(r * 48, (r + 1) * 48),
      source.trueFeatures!.matrix,
      24,
    ).length;
  expect(active / 400).toBeGreaterThan(2.7);
  expect(active / 400).toBeLessThan(3.3);
});

test("correlated probabilities keep the mean number, and change between batches and splits", () => {
  const options = { features: 40, active: 4, decay: 0.99, seed: 1 };
  const L = covarianceFactor(1, 40);
  const train = correlatedProbabilities(options, L, "train");
  const [a, b] = [train(0), train(1)];
  expect(a.reduce((sum, p) => sum + p, 0)).toBeCloseTo(4, 4);
  expect(a).not.toEqual(b);
  expect(train(0)).toEqual(a);
  expect(correlatedProbabilities(options, L, "held-out")(0)).not.toEqual(a);
});

test("the covariance is that of HoagyC/sparse_coding: mean 1/2 off the diagonal, just positive definite", () => {
  const n = 60;
  const L = covarianceFactor(3, n);
  const entry = (i: number, j: number) => {
    let sum = 0;
    for (let q = 0; q < n; q++) sum += L[i * n + q]! * L[j * n + q]!;
    return sum;
  };
  let [mean, spread] = [0, 0];
  const pairs = (n * (n - 1)) / 2;
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) mean += entry(i, j) / pairs;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) spread += (entry(i, j) - mean) ** 2 / pairs;
  expect(mean).toBeCloseTo(0.5, 1);
  // The mean of two uniform numbers has variance 1/24.
  expect(spread * 24).toBeCloseTo(1, 0);
  // The smallest pivot belongs to an eigenvalue of a thousandth of the shift.
  const pivots = Array.from({ length: n }, (_, i) => L[i * n + i]! ** 2);
  expect(Math.min(...pivots)).toBeLessThan(0.2 * entry(0, 0));
});

test("a sparse_coding source with correlated features serves the same rows again", async () => {
  const source = await openSyntheticSource(backend, {
    generator: "sparse_coding",
    dIn: 12,
    features: 24,
    correlated: true,
    seed: 2,
    coefficients: "uniform_product",
    generationBatch: 10,
    heldOutRows: 10,
  });
  const [first, again] = [new Float32Array(30 * 12), new Float32Array(30 * 12)];
  await source.train.next(first);
  await source.train.seek({ row: 0 });
  await source.train.next(again);
  expect(again).toEqual(first);
  const held = new Float32Array(10 * 12);
  await source.heldOut.read(0, held);
  expect(held).not.toEqual(first.subarray(0, 120));
});

/** Every coefficient of single active features on orthogonal directions. */
async function coefficientsOf(options: object): Promise<number[]> {
  const source = await openSyntheticSource(backend, {
    generator: "mfr",
    dIn: 40,
    features: 1,
    groups: 1,
    active: 1,
    normalizeFeatures: true,
    seed: 3,
    support: "per_sample",
    ...options,
  });
  const rows = 3000;
  const x = new Float32Array(rows * 40);
  await source.train.next(x);
  const feature = source.trueFeatures!.matrix;
  return Array.from({ length: rows }, (_, r) =>
    feature.reduce((sum, f, j) => sum + f * x[r * 40 + j]!, 0),
  );
}

test.each([
  ["uniform", 1 / 2, 1 / 3, 1],
  ["absolute_normal", Math.sqrt(2 / Math.PI), 1, 5],
  ["uniform_product", 1 / 4, 1 / 9, 1],
] as const)(
  "coefficients that are %s have its moments",
  async (coefficients, mean, square, most) => {
    const c = await coefficientsOf({ coefficients });
    const moment = (power: number) => c.reduce((sum, v) => sum + v ** power, 0) / c.length;
    expect(Math.abs(moment(1) / mean - 1)).toBeLessThan(0.06);
    expect(Math.abs(moment(2) / square - 1)).toBeLessThan(0.1);
    expect(Math.min(...c)).toBeGreaterThan(-1e-5);
    expect(Math.max(...c)).toBeLessThan(most + 1e-5);
  },
);

test("noise has the stated standard deviation", async () => {
  const source = await openSyntheticSource(backend, {
    generator: "sparse_coding",
    dIn: 50,
    features: 2,
    active: 1,
    noise: 0.1,
    seed: 5,
  });
  const x = new Float32Array(400 * 50);
  await source.train.next(x);
  const [a, b] = [0, 1].map((f) => source.trueFeatures!.matrix.subarray(f * 50, (f + 1) * 50));
  const along = a!.reduce((sum, v, j) => sum + v * b![j]!, 0);
  let squares = 0;
  for (let r = 0; r < 400; r++) {
    const row = x.subarray(r * 50, (r + 1) * 50);
    const [p, q] = [a!, b!].map((f) => f.reduce((sum, v, j) => sum + v * row[j]!, 0));
    // What the plane of the two features leaves over.
    const s = (p! - along * q!) / (1 - along ** 2);
    const t = (q! - along * p!) / (1 - along ** 2);
    for (let j = 0; j < 50; j++) squares += (row[j]! - s * a![j]! - t * b![j]!) ** 2;
  }
  expect(Math.sqrt(squares / (400 * 48))).toBeCloseTo(0.1, 2);
});

test("features of a group are drawn in proportion to their weight", async () => {
  const source = await identitySource({
    groups: 1,
    active: 1,
    decay: 0.5,
    support: "per_sample",
  });
  const counts = new Float64Array(24);
  for (const support of await supportsOf(source, 2000)) counts[support[0]!]!++;
  for (const [feature, share] of [1 / 2, 1 / 4, 1 / 8, 1 / 16].entries())
    expect(Math.abs(counts[feature]! / 2000 - share)).toBeLessThan(0.03);
});

test("features that do not fill a group never occur", async () => {
  const source = await identitySource({ groups: 5, active: 3, support: "per_sample" });
  const seen = new Set((await supportsOf(source, 300)).flat());
  expect(Math.max(...seen)).toBe(19);
  expect(seen.size).toBe(20);
});

test("the fifty-millionth row is there at once, and the same wherever reading begins", async () => {
  const generators = Object.values(SYNTHETIC_DEFAULTS).map((o) => ({
    ...o,
    dIn: 16,
    features: 48,
  }));
  for (const o of generators) {
    const source = await openSyntheticSource(backend, { ...o, active: 3, heldOutRows: 4 });
    const last = 50_000_000;
    const [whole, part] = [new Float32Array(12 * 16), new Float32Array(4 * 16)];
    await source.train.seek({ row: last - 10 });
    await source.train.next(whole);
    await source.train.seek({ row: last - 2 });
    await source.train.next(part);
    expect(part).toEqual(whole.subarray(8 * 16));
    expect(source.train.state()).toEqual({ row: last + 2 });
  }
});

test("a position that is none is refused", async () => {
  const source = await identitySource({});
  await expect(source.train.seek({})).rejects.toThrow(/^Expected a non-negative integer for state/);
});

test("an impossible option is named", async () => {
  await expect(identitySource({ active: 9 })).rejects.toThrow(
    "Expected an integer from 1 to 8 for source.active but received 9 (number).",
  );
});
