import { expect, test } from "vitest";
import { densityHistogram } from "./latent-density.ts";
import { DENOISING_METRICS, METRICS, RECONSTRUCTION_METRICS } from "./registry.ts";

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

test("the denoising metrics of a hand-worked example", () => {
  const bands = { delta: { difference: 1, reference: 4 }, beta: { difference: 9, reference: 9 } };
  const denoised = { rows: 2, segments: 4, noise: 50, error: 5, correlation: 3, bands };
  const values = Object.fromEntries(DENOISING_METRICS.map((m) => [m.name, m.compute(denoised)]));
  expect(values).toEqual({
    snr_gain: 10,
    target_correlation: 0.75,
    band_error_delta: 0.5,
    band_error_beta: 1,
    band_error_theta: Number.NaN,
    band_error_alpha: Number.NaN,
    band_error_gamma: Number.NaN,
  });
});

test("names are unique and every metric says what it is", () => {
  expect(METRICS.size).toBe(22);
  for (const name of [
    "mse",
    "fvu",
    "explained_variance",
    "l0",
    "l1",
    "dead_fraction",
    "latent_density",
    "mean_max_cosine",
    "mmcs",
    "mcc",
    "shared",
    "gt_mcc",
    "pw_mcc",
    "independent_mcc",
  ])
    expect(METRICS.has(name), name).toBe(true);
  for (const metric of METRICS.values())
    for (const text of [metric.label, metric.formula, metric.summary, metric.range, metric.unit])
      expect(text).toMatch(/\S/);
});

test("densities fall into logarithmic bins, dead latents beside them", () => {
  const { counts, dead, width } = densityHistogram([0, 1000, 100, 1], 1000);
  expect(width).toBeCloseTo(0.1);
  expect(dead).toBe(1);
  expect(counts[59]).toBe(1);
  expect(counts[50]).toBe(1);
  expect(counts[30]).toBe(1);
});
