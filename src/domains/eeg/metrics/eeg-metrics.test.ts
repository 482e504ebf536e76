import { expect, test } from "vitest";
import { DENOISING_METRICS } from "./eeg-metrics.ts";

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
