import { describe, expect, test } from "vitest";
import { expectAllclose } from "../../../../test/support/allclose.ts";
import { butterworth } from "./butterworth.ts";
import { notch } from "./notch.ts";
import { defaultPadLength, sosfilt, sosfiltfilt, sosfiltZi } from "./sections.ts";

const bandPass = butterworth(5, { kind: "bandPass", low: 0.5, high: 45 }, 250);
const lowPass = butterworth(3, { kind: "lowPass", cutoff: 20 }, 250);
const wave = (n: number) =>
  Float64Array.from({ length: n }, (_, i) => Math.sin(i / 3) + 0.3 * Math.cos(i * i));

describe("sosfilt", () => {
  test("one section, by hand", () => {
    // y[i] = x[i] + 0.5 y[i−1]: 1, 0.5, 0.25 …
    const decay = Float64Array.of(1, 0, 0, 1, -0.5, 0);
    expect([...sosfilt(decay, Float64Array.of(1, 0, 0, 0))]).toEqual([1, 0.5, 0.25, 0.125]);
  });

  test("filtering in pieces, the state passed on, is filtering the whole", () => {
    const x = wave(100);
    const whole = sosfilt(bandPass, x.slice());
    const state = new Float64Array(10);
    const pieces = [x.slice(0, 1), x.slice(1, 60), x.slice(60)].flatMap((p) => [
      ...sosfilt(bandPass, p, state),
    ]);
    expect(pieces).toEqual([...whole]);
  });

  test("from rest, a constant stays constant through a low-pass and vanishes in a band-pass", () => {
    const constant = new Float64Array(50).fill(3);
    const rest = (sections: Float64Array) => sosfiltZi(sections).map((v) => 3 * v);
    expectAllclose(sosfilt(lowPass, constant.slice(), rest(lowPass)), constant, { rtol: 1e-12 });
    const gone = sosfilt(bandPass, constant.slice(), rest(bandPass));
    expectAllclose(gone, new Float64Array(50), { atol: 1e-9 });
  });

  test("sections that are none are refused", () => {
    expect(() => sosfilt(new Float64Array(5), wave(3))).toThrow(/sections × 6/);
    expect(() => sosfilt(Float64Array.of(1, 0, 0, 2, 0, 0), wave(3))).toThrow(/a0/);
    expect(() => sosfilt(lowPass, wave(3), new Float64Array(3))).toThrow(/state/);
    // A pole at 1: an integrator.
    expect(() => sosfiltZi(Float64Array.of(1, 0, 0, 1, -1, 0))).toThrow(/never rests/);
  });
});

describe("sosfiltfilt", () => {
  test("does not shift: the reversed signal gives the reversed result", () => {
    const x = wave(600);
    const reversed = sosfiltfilt(lowPass, x.toReversed()).toReversed();
    // Equal in the middle; the ends differ, as forward and backward passes start at different ends.
    expectAllclose(reversed.subarray(200, 400), sosfiltfilt(lowPass, x).subarray(200, 400), {
      atol: 1e-9,
    });
  });

  test("keeps a sine in the band in phase and amplitude and removes line noise", () => {
    const sine = (f: number) =>
      Float64Array.from({ length: 8000 }, (_, i) => Math.sin((2 * Math.PI * f * i) / 250));
    const kept = sosfiltfilt(bandPass, sine(10));
    expectAllclose(kept.subarray(3500, 4500), sine(10).subarray(3500, 4500), { atol: 1e-3 });
    const line = sosfiltfilt(notch(50, 30, 250), sine(50));
    expectAllclose(line.subarray(3500, 4500), new Float64Array(1000), { atol: 1e-6 });
  });

  test("can write over its input", () => {
    const x = wave(200);
    const wanted = sosfiltfilt(lowPass, x);
    const inPlace = x.slice();
    expect(sosfiltfilt(lowPass, inPlace, undefined, inPlace)).toBe(inPlace);
    expect(inPlace).toEqual(wanted);
    expect(x).toEqual(wave(200));
  });

  test("padding is scipy's: 3 · (2 · sections + 1), less 1 for a section of first order", () => {
    expect(defaultPadLength(bandPass)).toBe(33);
    // Order 3: two sections, one of them of first order.
    expect(defaultPadLength(lowPass)).toBe(12);
  });

  test("a signal as short as the padding is refused", () => {
    expect(() => sosfiltfilt(bandPass, wave(33))).toThrow(/more samples than the padding of 33/);
    expect(sosfiltfilt(bandPass, wave(34))).toHaveLength(34);
    expect(() => sosfiltfilt(bandPass, new Float64Array(0), 0)).toThrow(/more samples/);
    expect(() => sosfiltfilt(bandPass, wave(50), -1)).toThrow(/padLength/);
  });
});

test("a notch outside the spectrum or without width is refused", () => {
  expect(() => notch(125, 30, 250)).toThrow(/frequency/);
  expect(() => notch(50, 0, 250)).toThrow(/quality/);
});
