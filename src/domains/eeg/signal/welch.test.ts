import { describe, expect, test } from "vitest";
import { normalAt, randomStream } from "../../../base/philox.ts";
import { bandPower, EEG_BANDS, eegBandPowers } from "./band-powers.ts";
import { welch } from "./welch.ts";

const sine = (frequency: number, amplitude: number, n = 5000) =>
  Float64Array.from(
    { length: n },
    (_, i) => amplitude * Math.sin((2 * Math.PI * frequency * i) / 250),
  );

describe("the density", () => {
  test("of white noise is flat: 2 σ² / rate", () => {
    const stream = randomStream(1, "test/noise");
    const x = Float64Array.from({ length: 50_000 }, (_, i) => 3 * normalAt(stream, i));
    const { density } = welch(x, 250);
    const inner = density.subarray(2, -2);
    const mean = inner.reduce((a, b) => a + b, 0) / inner.length;
    expect(mean).toBeCloseTo((2 * 9) / 250, 2);
  });

  test("summed over all frequencies is the variance: amplitude² / 2 of a sine", () => {
    const spectrum = welch(sine(10, 4), 250, { segmentLength: 250 });
    expect(bandPower(spectrum, 0, 200)).toBeCloseTo(8, 9);
  });

  test("does not see a constant", () => {
    const { density } = welch(new Float64Array(1000).fill(7), 250);
    expect(Math.max(...density)).toBe(0);
  });

  test("has its frequencies from 0 to half the rate", () => {
    const { frequencies } = welch(sine(10, 1), 250, { segmentLength: 500 });
    expect([frequencies[0], frequencies[1], frequencies.at(-1)]).toEqual([0, 0.5, 125]);
  });

  test("segments that do not fit are refused", () => {
    expect(() => welch(sine(1, 1, 100), 250, { segmentLength: 101 })).toThrow(/100 samples/);
    expect(() => welch(sine(1, 1, 100), 250, { segmentLength: 10, overlap: 10 })).toThrow(/overl/);
    expect(() => welch(new Float64Array(0), 250)).toThrow(/segmentLength/);
    expect(() => welch(sine(1, 1, 100), 0)).toThrow(/rate/);
  });
});

describe("band powers", () => {
  test.each([
    [2, "delta"],
    [6, "theta"],
    [10, "alpha"],
    [20, "beta"],
    [38, "gamma"],
  ] as const)("a sine of %d Hz is %s", (frequency, band) => {
    const powers = eegBandPowers(welch(sine(frequency, 2), 250, { segmentLength: 500 }));
    expect(powers[band]).toBeCloseTo(2, 2);
    for (const [other, power] of Object.entries(powers)) {
      if (other !== band) expect(power).toBeLessThan(0.05);
    }
  });

  test("neighbouring bands share no bin and leave none out", () => {
    const spectrum = welch(sine(8, 1), 250, { segmentLength: 250 });
    const powers = eegBandPowers(spectrum);
    const total = Object.values(powers).reduce((a, b) => a + b, 0);
    expect(total).toBeCloseTo(bandPower(spectrum, 0.5, 45), 12);
    const limits = Object.values(EEG_BANDS);
    for (let i = 1; i < limits.length; i++) expect(limits[i]![0]).toBe(limits[i - 1]![1]);
  });
});
