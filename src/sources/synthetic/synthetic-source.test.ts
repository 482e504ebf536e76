import { expect, test } from "vitest";
import { referenceBackend } from "../../backend/reference/reference-backend.ts";
import { correlatedProbabilities } from "./correlated-probabilities.ts";
import { openSyntheticSource } from "./synthetic-source.ts";

const backend = referenceBackend();

/** Coefficients of each row in a basis of unit features, where features are fewer than dimensions: exact by least squares on I. */
async function identitySource(options: object) {
  return openSyntheticSource(backend, {
    ...{ generator: "mfr", dIn: 48, features: 24, groups: 3, active: 5, seed: 4, heldOutRows: 60 },
    ...options,
  });
}

/** Which features take part in a row, by solving for the coefficients with the normal equations (features are few). */
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
    ...{ generator: "sparse_coding", dIn: 48, features: 24, active: 3, decay: 1, seed: 2 },
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

test("correlated probabilities keep the mean number and change between batches", () => {
  const options = { features: 40, active: 4, decay: 0.99, seed: 1 };
  const [a, b] = [correlatedProbabilities(options, 0), correlatedProbabilities(options, 1)];
  expect(a.reduce((sum, p) => sum + p, 0)).toBeCloseTo(4, 4);
  expect(a).not.toEqual(b);
});

test("an impossible option is named", async () => {
  await expect(identitySource({ active: 9 })).rejects.toThrow(
    "Expected an integer from 1 to 8 for source.active but received 9 (number).",
  );
});
