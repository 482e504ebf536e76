import { expect, test } from "vitest";
import { densityHistogram } from "./latent-density.ts";
import { RECONSTRUCTION_METRICS } from "./registry.ts";

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
