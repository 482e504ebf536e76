/** @file Laws that the signal functions obey for any input. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { butterworth } from "../../src/domains/eeg/signal/butterworth.ts";
import { rateChange, resamplePoly } from "../../src/domains/eeg/signal/resample.ts";
import { sosfiltfilt } from "../../src/domains/eeg/signal/sections.ts";
import { inverseWaveletTransform, waveletTransform } from "../../src/domains/eeg/signal/wavelet.ts";
import { copyWindow, windowStarts } from "../../src/domains/eeg/signal/windows.ts";
import { zScore } from "../../src/domains/eeg/signal/z-score.ts";
import { expectAllclose } from "../support/allclose.ts";

const samples = (minLength: number, maxLength: number) =>
  fc
    .array(fc.integer({ min: -1000, max: 1000 }), { minLength, maxLength })
    .map((values) => Float64Array.from(values, (v) => v / 8));
const runs = { numRuns: 60, seed: 11 };
const bandPass = butterworth(5, { kind: "bandPass", low: 0.5, high: 45 }, 250);

test("filtering and resampling are linear", () => {
  fc.assert(
    fc.property(samples(80, 80), samples(80, 80), fc.integer({ min: -4, max: 4 }), (x, y, a) => {
      const sum = x.map((v, i) => a * v + y[i]!);
      for (const apply of [
        (v: Float64Array) => sosfiltfilt(bandPass, v),
        (v: Float64Array) => resamplePoly(v, { up: 3, down: 5 }),
      ]) {
        const [fx, fy] = [apply(x), apply(y)];
        const wanted = fx.map((v, i) => a * v + fy[i]!);
        expectAllclose(apply(sum), wanted, { atol: 1e-7 });
      }
    }),
    runs,
  );
});

test("wavelet coefficients give the signal back", () => {
  fc.assert(
    fc.property(
      samples(14, 200),
      fc.constantFrom("symmetric" as const, "periodization" as const),
      (x, mode) => {
        const back = inverseWaveletTransform(waveletTransform(x, mode));
        expectAllclose(back, x, { atol: 1e-8 });
      },
    ),
    runs,
  );
});

test("a z-score does not depend on unit and offset", () => {
  fc.assert(
    fc.property(samples(2, 50), fc.integer({ min: 1, max: 9 }), fc.integer(), (x, scale, shift) => {
      fc.pre(new Set(x).size > 1);
      const other = x.map((v) => scale * v + (shift % 1000));
      zScore(x);
      zScore(other);
      expectAllclose(other, x, { atol: 1e-9 });
    }),
    runs,
  );
});

test("padded windows hold every sample, and windows without overlap hold each once", () => {
  fc.assert(
    fc.property(samples(0, 100), fc.integer({ min: 1, max: 12 }), (x, length) => {
      const starts = windowStarts(x.length, { length, remainder: "pad" });
      const out = new Float64Array(starts.length * length);
      for (const [w, start] of starts.entries()) copyWindow([x], start, length, out, w * length);
      expect([...out.subarray(0, x.length)]).toEqual([...x]);
      expect(out.subarray(x.length).every((v) => v === 0)).toBe(true);
      expect(out.length - x.length).toBeLessThan(length);
    }),
    runs,
  );
});

test("a rate change is the ratio of the rates, in lowest terms", () => {
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2048 }), fc.integer({ min: 1, max: 2048 }), (a, b) => {
      const { up, down } = rateChange(a, b);
      expect(up * a).toBe(down * b);
      expect(gcd(up, down)).toBe(1);
    }),
    runs,
  );
});
