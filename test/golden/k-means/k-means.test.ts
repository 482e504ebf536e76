/** k-means ends where scikit-learn's does, and starts as k-means++ does. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { readSafetensors } from "../../../src/formats/safetensors-file.ts";
import { kMeans } from "../../../src/linalg/k-means/k-means.ts";
import { expectAllclose } from "../../support/allclose.ts";
import { backendNames, openNamed, reference } from "../../support/backends.ts";

const EXPECTED = JSON.parse(readFileSync(join(import.meta.dirname, "expected.json"), "utf8"));
const [D, COUNT] = [4, 30];

const arrays = new Map<string, Float32Array>();
beforeAll(async () => {
  const { tensors } = await readSafetensors(join(import.meta.dirname, "arrays.safetensors"));
  for (const [name, { data }] of tensors) arrays.set(name, data as Float32Array);
});
const rows = () => ({ x: arrays.get("rows")!, d: D, count: COUNT });

describe.each([...backendNames])("on %s", (name) => {
  test("from the same start it ends with the same centres, empty clusters included", async () => {
    const start = arrays.get("start")!;
    const found = await kMeans(openNamed(name), { ...rows(), seed: 0, start, tolerance: 1e-9 });
    expect([...found.nearest]).toEqual(EXPECTED.labels);
    expectAllclose(found.centres, arrays.get("centres")!, { atol: 1e-5 }, "centres");
    expect(found.inertia / EXPECTED.inertia).toBeCloseTo(1, 5);
    expect(found.converged).toBe(true);
  });
});

/** Means over seeds, and how far they may lie from scikit-learn's. */
async function meanOver(seeds: number, maxIterations: number) {
  let sum = 0;
  for (let seed = 0; seed < seeds; seed++)
    sum += (await kMeans(reference, { ...rows(), seed, maxIterations })).inertia / seeds;
  return sum;
}

test("a start has the mean inertia of k-means++", async () => {
  const { mean, deviation } = EXPECTED.start_potential;
  const found = await meanOver(80, 0);
  expect(Math.abs(found - mean) / (deviation / Math.sqrt(80))).toBeLessThan(3);
});

test("the end is about as good as scikit-learn's, whose start is greedy", async () => {
  const found = await meanOver(6, 100);
  expect(found / EXPECTED.greedy_inertia.mean).toBeLessThan(1.08);
});
