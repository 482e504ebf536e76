import { expect, test } from "vitest";
import type { RowReader } from "../../../sources/source.ts";
import { DENOISING_METRICS } from "../metrics/eeg-metrics.ts";
import { meanDenoiser } from "./denoisers/sae-denoiser.ts";
import { type Denoiser, evaluateDenoising, NOTHING_DONE } from "./evaluate-denoising.ts";

const layout = { channels: ["Fz", "Cz"], rate: 128, samples: 128 };
const [D_IN, ROWS] = [256, 300];

/** Sines of 2 and 20 Hz in the two channels; noise at 6 Hz of a tenth of their power. */
const sine = (hertz: number, i: number) => Math.sin((2 * Math.PI * hertz * (i % 128)) / 128 + 0.3);
const clean = Float32Array.from({ length: D_IN }, (_, i) => sine(i < 128 ? 2 : 20, i));
const noisy = clean.map((v, i) => v + Math.sqrt(0.1) * sine(6, i));
const reader: RowReader = {
  rows: ROWS,
  hasTargets: true,
  async read(_, out, targets) {
    for (let at = 0; at < out.length; at += D_IN) {
      out.set(noisy, at);
      targets?.set(clean, at);
    }
  },
};
const map = (name: string, of: (x: number, i: number) => number): Denoiser => ({
  name,
  denoise: async (rows) => rows.map((x, i) => of(x, i % D_IN)),
});
const numbers = async (denoisers: readonly Denoiser[], isSignal = true) =>
  (await evaluateDenoising(denoisers, reader, D_IN, isSignal ? layout : undefined)).map((sums) =>
    Object.fromEntries(DENOISING_METRICS.map((m) => [m.name, m.compute(sums)])),
  );

test("what is gained on noisy rows: nothing by doing nothing, all by knowing the answer, a loss by silence", async () => {
  const [nothing, half, silent, perfect] = await numbers([
    NOTHING_DONE,
    map("half", (x, i) => (x + clean[i]!) / 2),
    map("silent", () => 0),
    map("perfect", (_, i) => clean[i]!),
  ]);
  expect(nothing!["snr_gain"]).toBeCloseTo(0, 9);
  // Half the noise is left: a quarter of its power.
  expect(half!["snr_gain"]).toBeCloseTo(10 * Math.log10(4), 4);
  expect(silent!["snr_gain"]).toBeCloseTo(-10, 4);
  expect(perfect!["snr_gain"]).toBe(Number.POSITIVE_INFINITY);
  expect(nothing!["target_correlation"]).toBeCloseTo(1 / Math.sqrt(1.1), 4);
  expect([silent!["target_correlation"], perfect!["target_correlation"]]).toEqual(
    [0, 1].map((v) => expect.closeTo(v, 6)),
  );
  // The noise is in theta alone, where there is no signal but what leaks there.
  expect(nothing!["band_error_delta"]).toBeLessThan(0.05);
  expect(nothing!["band_error_theta"]).toBeGreaterThan(10);
  for (const band of ["delta", "theta", "alpha", "beta", "gamma"]) {
    expect(silent![`band_error_${band}`]).toBeCloseTo(1, 9);
    expect(perfect![`band_error_${band}`]).toBe(0);
  }
});

test("rows that are not signals have no bands, and are one segment", async () => {
  const [sums] = await evaluateDenoising([NOTHING_DONE], reader, D_IN);
  expect(sums).toMatchObject({ rows: ROWS, segments: ROWS, bands: {} });
  const [silent] = await numbers([map("silent", () => 0)], false);
  expect(silent!["band_error_alpha"]).toBeNaN();
});

test("several denoisers as one are their mean", async () => {
  const both = meanDenoiser("both", [NOTHING_DONE, map("perfect", (_, i) => clean[i]!)]);
  const [mean, half] = await numbers([both, map("half", (x, i) => (x + clean[i]!) / 2)]);
  expect(mean!["snr_gain"]).toBeCloseTo(half!["snr_gain"]!, 5);
});

test("rows without targets, or of another length than the layout's, are refused", async () => {
  const bare: RowReader = { rows: 1, read: async () => {} };
  await expect(evaluateDenoising([], bare, D_IN)).rejects.toThrow(/rows with targets/);
  await expect(evaluateDenoising([], reader, 100, layout)).rejects.toThrow(/rows of 256.*d_in 100/);
});
