import { describe, expect, test } from "vitest";
import { expectAllclose } from "../../../../test/support/allclose.ts";
import { bandPower } from "./band-powers.ts";
import { simulateEeg } from "./simulated-eeg.ts";
import { welch } from "./welch.ts";

const eeg = simulateEeg({ seed: 3, seconds: 60, channels: 31 });
/** toEqual looks at every element as a property, which takes seconds for long arrays. */
const equal = (a: Float64Array, b: Float64Array) =>
  a.length === b.length && a.every((v, i) => v === b[i]);
const rms = (channels: readonly Float64Array[]) =>
  Math.sqrt(
    channels.reduce((sum, x) => sum + x.reduce((a, v) => a + v * v, 0) / x.length, 0) /
      channels.length,
  );

describe("a simulated recording", () => {
  test("is its clean part and its artefacts, exactly", () => {
    const { blinks, line, sensor } = eeg.artefacts;
    for (const [c, x] of eeg.noisy.entries()) {
      const sum = eeg.clean[c]!.map((v, i) => v + blinks[c]![i]! + line[c]![i]! + sensor[c]![i]!);
      expect(equal(x, sum)).toBe(true);
    }
    expect(eeg.channels).toBe(eeg.noisy);
    expect(eeg.labels).toHaveLength(31);
    expect(eeg.noisy[0]).toHaveLength(15_000);
  });

  test("its clean part is the lead field times the sources", () => {
    const { sources, leadField, clean } = eeg;
    for (const c of [0, 17, 30]) {
      const row = leadField.subarray(c * sources.length, (c + 1) * sources.length);
      const mixed = Float64Array.from({ length: 15_000 }, (_, i) =>
        sources.reduce((sum, s, k) => sum + row[k]! * s.activity[i]!, 0),
      );
      expectAllclose(clean[c]!, mixed, { atol: 1e-9 });
    }
  });

  test("is of the same head as others with its head's seed, and else of another", () => {
    const [a, b, c] = [{ headSeed: 7 }, { headSeed: 7, seed: 4 }, {}].map((more) =>
      simulateEeg({ seed: 3, seconds: 2, ...more }),
    );
    expect(equal(a!.leadField, b!.leadField)).toBe(true);
    expect(equal(a!.leadField, c!.leadField)).toBe(false);
    expect(equal(a!.sources[0]!.activity, b!.sources[0]!.activity)).toBe(false);
    expect(equal(a!.sources[0]!.activity, c!.sources[0]!.activity)).toBe(true);
  });

  test("has sources in the head, of mean square 1, of every kind", () => {
    const kinds = eeg.sources.map((s) => s.kind);
    expect(kinds.filter((k) => k === "background")).toHaveLength(12);
    expect(kinds.filter((k) => k !== "background")).toEqual(["alpha", "alpha", "beta", "beta"]);
    for (const { position, orientation, activity } of eeg.sources) {
      expect(Math.hypot(...position)).toBeGreaterThanOrEqual(0.5);
      expect(Math.hypot(...position)).toBeLessThanOrEqual(0.8);
      expect(Math.hypot(...orientation)).toBeCloseTo(1, 12);
      expect(rms([activity])).toBeCloseTo(1, 9);
    }
  });

  test("has about the stated strengths", () => {
    // Independent parts of 8, 6 and 2.5 µV; finite recordings correlate a little.
    const total = Math.hypot(8, 6, 2.5);
    expect(rms(eeg.clean) / total).toBeGreaterThan(0.8);
    expect(rms(eeg.clean) / total).toBeLessThan(1.2);
    expect(rms(eeg.artefacts.sensor)).toBeCloseTo(1, 1);
  });

  test("has alpha at the back, blinks at the front and a line at 50 Hz", () => {
    const at = (name: string) => eeg.labels.indexOf(name);
    const alphaOnly = simulateEeg({
      seed: 3,
      seconds: 60,
      channels: 31,
      backgroundSources: 0,
      betaSources: 0,
    });
    const alpha = (name: string) =>
      bandPower(welch(alphaOnly.clean[at(name)]!, 250, { segmentLength: 500 }), 8, 13);
    expect(alpha("O1") + alpha("O2")).toBeGreaterThan(2 * (alpha("Fp1") + alpha("Fp2")));
    const peak = (name: string) => Math.max(...eeg.artefacts.blinks[at(name)]!);
    expect(peak("Fp1")).toBeGreaterThan(60);
    expect(peak("Fp1")).toBeGreaterThan(10 * peak("Oz"));
    const spectrum = welch(eeg.noisy[at("Cz")]!, 250, { segmentLength: 500 });
    expect(bandPower(spectrum, 49, 51)).toBeGreaterThan(bandPower(spectrum, 52, 60));
  });

  test("tells when it bursts and blinks", () => {
    for (const { kind, bursts } of eeg.sources) {
      expect(bursts.length > 0).toBe(kind !== "background");
      for (const { frequency } of bursts) {
        expect(frequency).toBeGreaterThanOrEqual(kind === "alpha" ? 8 : 15);
        expect(frequency).toBeLessThan(kind === "alpha" ? 13 : 28);
      }
    }
    const blink = eeg.artefacts.blinks[0]!;
    for (const { start, duration } of eeg.blinks.filter((b) => b.start + b.duration < 60)) {
      const middle = Math.round((start + duration / 3) * 250);
      expect(blink[middle]).toBeGreaterThan(20);
    }
  });
});

test("the same options give the same numbers, another seed others", () => {
  const options = { seed: 8, seconds: 2, channels: ["Fp1", "Cz", "Oz"] };
  const first = simulateEeg(options);
  expect(simulateEeg(options)).toEqual(first);
  expect(simulateEeg({ ...options, seed: 9 }).clean[0]).not.toEqual(first.clean[0]);
});

test("a line above half the rate is left out instead of folding back", () => {
  const { artefacts } = simulateEeg({ seed: 1, seconds: 2, rate: 80 });
  for (const x of artefacts.line) expect(Math.max(...x)).toBe(0);
});

test("impossible recordings are refused", () => {
  expect(() => simulateEeg({ seed: 1, seconds: 1, channels: 18 })).toThrow(/from 19 to 31/);
  expect(() => simulateEeg({ seed: 1, seconds: 1, channels: ["Fp1", "ECG"] })).toThrow(/ECG/);
  expect(() => simulateEeg({ seed: 1, seconds: 0 })).toThrow(/seconds/);
  expect(() => simulateEeg({ seed: 1, seconds: 1, rate: Number.NaN })).toThrow(/rate/);
  expect(() => simulateEeg({ seed: 1, seconds: 1e6 })).toThrow(/to 67108864 numbers/);
});
