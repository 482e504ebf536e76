import { expect, test } from "vitest";
import { normals } from "../../../test/support/random.ts";
import { openArraySource } from "../arrays/array-source.ts";
import type { Source } from "../source.ts";
import { expectedNormFactor, normalizeSource } from "./normalized-source.ts";

const [ROWS, D_IN] = [3000, 6];

/** Rows of lengths about 10, far from zero. */
function data(): Float32Array {
  return normals("rows", ROWS * D_IN, 3).map((v, i) => v + (i % D_IN));
}

const source = () => openArraySource({ data: data(), dIn: D_IN, heldOutRows: 100 });

async function take({ train }: Source, rows: number): Promise<Float32Array> {
  const out = new Float32Array(rows * D_IN);
  await train.next(out);
  return out;
}

function lengthOf(row: Float32Array): number {
  return Math.sqrt(row.reduce((sum, v) => sum + v * v, 0));
}

test("expected_norm is one factor, by which training rows have a mean length of √d_in", async () => {
  const plain = await take(await source(), ROWS - 100);
  const opened = await source();
  const normalized = await normalizeSource(opened, "expected_norm");
  const { factor } = normalized.normalization as { factor: number };
  const rows = await take(normalized, ROWS - 100);
  expect(rows).toEqual(plain.map((v) => v * factor));
  let sum = 0;
  for (let b = 0; b < ROWS - 100; b++) sum += lengthOf(rows.subarray(b * D_IN, (b + 1) * D_IN));
  expect(sum / (ROWS - 100)).toBeCloseTo(Math.sqrt(D_IN), 5);
  // Held-out rows are as they come, and the source itself stays what it was.
  const held = new Float32Array(D_IN);
  await normalized.heldOut.read(0, held);
  const raw = new Float32Array(D_IN);
  await opened.heldOut.read(0, raw);
  expect(held).toEqual(raw);
});

test("estimating leaves the stream where it was, and gives the same bits again", async () => {
  const { train } = await source();
  const before = train.state();
  const factors = [await expectedNormFactor(train, D_IN), await expectedNormFactor(train, D_IN)];
  expect(factors[0]).toBe(factors[1]);
  expect(train.state()).toEqual(before);
});

test("layer_norm gives every row mean 0 and deviation 1, wherever the stream goes on", async () => {
  const normalized = await normalizeSource(await source(), "layer_norm");
  await take(normalized, 10);
  const state = normalized.train.state();
  const rows = await take(normalized, 50);
  await normalized.train.seek(state);
  expect(await take(normalized, 50)).toEqual(rows);
  for (let b = 0; b < 50; b++) {
    const row = rows.subarray(b * D_IN, (b + 1) * D_IN);
    expect(row.reduce((a, v) => a + v, 0)).toBeCloseTo(0, 4);
    expect(lengthOf(row) ** 2 / (D_IN - 1)).toBeCloseTo(1, 4);
  }
});

test("standardize gives all numbers together mean 0 and deviation 1", async () => {
  const plain = await take(await source(), ROWS - 100);
  const normalized = await normalizeSource(await source(), "standardize");
  const rows = await take(normalized, ROWS - 100);
  const mean = (values: Float32Array) => values.reduce((a, v) => a + v, 0) / values.length;
  expect(mean(rows)).toBeCloseTo(0, 4);
  expect(mean(rows.map((v) => v * v))).toBeCloseTo(1, 4);
  const { factor, shift } = normalized.normalization as { factor: number; shift: number };
  expect(rows[7]).toBe(Math.fround((plain[7]! - shift) * factor));
  const equal = await openArraySource({ data: new Float32Array(60).fill(3), dIn: D_IN });
  await expect(normalizeSource(equal, "standardize")).rejects.toThrow(/numbers .* are equal/);
});

test("targets are normalised as the rows that they belong to", async () => {
  const plain = await source();
  const pairs: Source = {
    ...plain,
    train: {
      ...plain.train,
      hasTargets: true,
      async next(out, targets) {
        await plain.train.next(out);
        targets?.set(out.map((v) => 2 * v));
      },
    },
  };
  for (const name of ["layer_norm", "expected_norm"] as const) {
    const { train } = await normalizeSource(pairs, name);
    const [x, target] = [new Float32Array(D_IN), new Float32Array(D_IN)];
    await train.next(x, target);
    // target = 2 raw: what normalises raw to x takes it to 2 x, and layer_norm's shift comes once
    // more.
    const shift = target[0]! - 2 * x[0]!;
    for (let i = 0; i < D_IN; i++) expect(target[i]! - 2 * x[i]!).toBeCloseTo(shift, 4);
    if (name === "expected_norm") expect(shift).toBeCloseTo(0, 5);
    else expect(Math.abs(shift)).toBeGreaterThan(0.01);
  }
});

test("rows that have no length, or are not finite, are refused before anything is trained", async () => {
  const zeros = await openArraySource({ data: new Float32Array(ROWS * D_IN), dIn: D_IN });
  await expect(normalizeSource(zeros, "expected_norm")).rejects.toThrow(/mean length .* is zero/);
  const broken = data();
  for (let i = 0; i < broken.length; i += 5) broken[i] = Number.NaN;
  await expect(openArraySource({ data: broken, dIn: D_IN })).rejects.toMatchObject({
    code: "numeric/not-finite",
  });
});
