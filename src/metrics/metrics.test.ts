import { describe, expect, test } from "vitest";
import { densityHistogram, latentDensity } from "./latent-density.ts";
import { METRICS, RECONSTRUCTION_METRICS } from "./registry.ts";

// Two rows in two dimensions: x = (1, 0), (3, 0); x̂ = (1, 1), (2, 0). Errors 1 + 1; mean (2, 0),
// variance 1 + 1.
const sums = {
  rows: 2,
  dIn: 2,
  squaredError: 2,
  variance: 2,
  meanSquare: 4,
  active: 3,
  l1: 5,
  activeRows: Float64Array.of(2, 0, 1, 0),
};

test("the metrics of a hand-worked example", () => {
  const values = Object.fromEntries(RECONSTRUCTION_METRICS.map((m) => [m.name, m.compute(sums)]));
  expect(values).toEqual({
    fvu: 1,
    explained_variance: 0,
    mse: 0.5,
    l0: 1.5,
    l1: 2.5,
    dead_fraction: 0.5,
  });
});

test("densities fall into logarithmic bins, dead latents beside them", () => {
  const { counts, dead, width } = densityHistogram([0, 1000, 100, 1], 1000);
  expect(width).toBeCloseTo(0.1);
  expect(dead).toBe(1);
  expect(counts[59]).toBe(1);
  expect(counts[50]).toBe(1);
  expect(counts[30]).toBe(1);
});

const metric = (name: string) => RECONSTRUCTION_METRICS.find((one) => one.name === name)!;

test("constant rows have no variance to explain: the share is not a number", () => {
  const constant = { ...sums, squaredError: 0, variance: 0 };
  expect(metric("fvu").compute(constant)).toBeNaN();
  expect(metric("explained_variance").compute(constant)).toBeNaN();
  expect(metric("mse").compute(constant)).toBe(0);
});

test("worse than the mean is an FVU above 1 and a negative explained variance", () => {
  const bad = { ...sums, squaredError: 5 };
  expect(metric("fvu").compute(bad)).toBe(2.5);
  expect(metric("explained_variance").compute(bad)).toBe(-1.5);
});

test("scaling the activations changes the error per element, and no share of variance", () => {
  const scaled = { ...sums, squaredError: 2 * 100, variance: 2 * 100, meanSquare: 4 * 100 };
  expect(metric("fvu").compute(scaled)).toBe(metric("fvu").compute(sums));
  expect(metric("mse").compute(scaled)).toBe(100 * metric("mse").compute(sums));
});

test.each([
  [[0, 0, 0], 1],
  [[1, 2, 3], 0],
  [[0], 1],
])("of latents active in %j rows the share %d is dead", (rows, dead) => {
  const activeRows = Float64Array.from(rows);
  expect(metric("dead_fraction").compute({ ...sums, activeRows })).toBe(dead);
});

test("a latent that is always active is in the last bin, a very rare one in the first", () => {
  const { counts, edges } = densityHistogram([10 ** 9, 1], 10 ** 9);
  expect(counts).toHaveLength(60);
  expect([counts[0], counts[59]]).toEqual([1, 1]);
  expect(edges[0]).toBe(-6);
  expect(edges[59]).toBeCloseTo(-0.1, 10);
});

test("every latent is in one bin, or dead", () => {
  const activeRows = Array.from({ length: 500 }, (_, i) => (i * i) % 997);
  const { counts, dead } = densityHistogram(activeRows, 997);
  expect(counts.reduce((sum, n) => sum + n, 0) + dead).toBe(500);
  expect(dead).toBe(activeRows.filter((n) => n === 0).length);
});

test("the density of a metric is the histogram of its sums", () => {
  const { activeRows, rows } = sums;
  expect(latentDensity.compute(sums)).toEqual(densityHistogram(activeRows, rows));
});

describe.each([...METRICS.values()])("the definition of $name", (one) => {
  test("has a stable name, a label, and a sentence that stands alone", () => {
    expect(one.name).toMatch(/^[a-z][a-z0-9_]*$/);
    expect(METRICS.get(one.name)).toBe(one);
    for (const text of [one.label, one.formula, one.unit, one.range])
      expect(text.trim()).not.toBe("");
    expect(one.summary).toMatch(/^[A-Z].*\.$/);
  });
});

test("no two metrics have one name or one label", () => {
  const all = [...METRICS.values()];
  for (const key of ["name", "label"] as const)
    expect(new Set(all.map((one) => one[key])).size).toBe(all.length);
});
