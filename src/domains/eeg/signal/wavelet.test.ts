import { describe, expect, test } from "vitest";
import { expectAllclose } from "../../../../test/support/allclose.ts";
import { normalAt, randomStream } from "../../../base/philox.ts";
import { dwt, idwt, inverseWaveletTransform, waveletTransform } from "./wavelet.ts";
import { softThreshold, waveletDenoise } from "./wavelet-denoise.ts";

const stream = randomStream(1, "test/wavelet");
const noise = (n: number) => Float64Array.from({ length: n }, (_, i) => normalAt(stream, i));
const energy = (x: Float64Array) => x.reduce((sum, v) => sum + v * v, 0);

describe("the transform", () => {
  test("is undone by its inverse, whatever the length and the level", () => {
    for (const mode of ["symmetric", "periodization"] as const) {
      for (const n of [14, 15, 31, 100, 257]) {
        const x = noise(n);
        for (let level = 1; 7 * 2 ** level <= n; level++) {
          const back = inverseWaveletTransform(waveletTransform(x, mode, level));
          expectAllclose(back, x, { atol: 1e-10 }, `${mode}, ${n} samples, level ${level}`);
        }
      }
    }
  });

  test("with periodization keeps the energy: it is orthogonal", () => {
    const x = noise(64);
    const [low, high] = dwt(x, "periodization");
    expect(low).toHaveLength(32);
    expect(energy(low) + energy(high)).toBeCloseTo(energy(x), 9);
  });

  test("does not see a constant, a line, a parabola or a cubic in its details", () => {
    for (const power of [0, 1, 2, 3]) {
      const x = Float64Array.from({ length: 60 }, (_, i) => (i / 60) ** power);
      const [, high] = dwt(x, "symmetric");
      // Away from the mirrored ends: four vanishing moments.
      for (const v of high.subarray(4, -4)) expect(Math.abs(v)).toBeLessThan(1e-9);
    }
  });

  test("impossible requests are refused", () => {
    expect(() => waveletTransform(noise(13))).toThrow(/at least 14/);
    expect(() => waveletTransform(noise(14), "symmetric", 2)).toThrow(/from 1 to 1/);
    expect(() => dwt(new Float64Array(0), "symmetric")).toThrow(/at least one/);
    expect(() => idwt(noise(3), noise(4), "symmetric")).toThrow(/3 detail/);
  });
});

describe("denoising", () => {
  test("soft thresholds shrink towards zero", () => {
    const v = Float64Array.of(-3, -1, 0, 0.5, 2);
    softThreshold(v, 1);
    expect([...v].map((x) => x + 0)).toEqual([-2, 0, 0, 0, 1]);
  });

  test("takes most of white noise away from a slow wave", () => {
    const n = 2000;
    const clean = Float64Array.from({ length: n }, (_, i) => 5 * Math.sin(i / 40));
    const noisy = clean.map((v, i) => v + normalAt(stream, 10_000 + i));
    const denoised = waveletDenoise(noisy, { level: 4 });
    const error = energy(denoised.map((v, i) => v - clean[i]!)) / n;
    // Noise power 1 before; white noise leaves 1/16 in the approximation of level 4.
    expect(error).toBeLessThan(0.1);
  });

  test("a threshold of 0 changes nothing", () => {
    const x = noise(200);
    expectAllclose(waveletDenoise(x, { threshold: 0 }), x, { atol: 1e-10 });
  });
});
