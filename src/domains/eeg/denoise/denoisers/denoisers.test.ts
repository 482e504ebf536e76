import { describe, expect, test } from "vitest";
import { expectAllclose } from "../../../../../test/support/allclose.ts";
import { reference } from "../../../../../test/support/backends.ts";
import { normals } from "../../../../../test/support/random.ts";
import { symmetricEigen } from "../../../../linalg/symmetric-eigen.ts";
import { createPopulation } from "../../../../population/create-population.ts";
import { bandPassDenoiser, inZScores, waveletDenoiser } from "./channel-denoisers.ts";
import { chooseComponents, pcaDenoiser, principalComponents } from "./principal-components.ts";
import { saeDenoiser } from "./sae-denoiser.ts";

const layout = { channels: ["Fz", "Cz"], rate: 128, samples: 128 };
const sine = (hertz: number, i: number) => Math.sin((2 * Math.PI * hertz * (i % 128)) / 128);
const squares = (x: ArrayLike<number>) => Array.from(x).reduce((sum, v) => sum + v * v, 0);

describe("by channel", () => {
  test("a band-pass keeps what is in the band and drops what is not", async () => {
    const { denoise } = bandPassDenoiser("band", layout, { low: 0.5, high: 45, order: 5 });
    const inside = Float32Array.from({ length: 512 }, (_, i) => sine(10, i));
    const outside = Float32Array.from({ length: 512 }, (_, i) => sine(60, i));
    const kept = await denoise(inside, 2);
    expect(squares(kept.map((v, i) => v - inside[i]!))).toBeLessThan(0.01 * squares(inside));
    expect(squares(await denoise(outside, 2))).toBeLessThan(0.02 * squares(outside));
  });

  test("wavelets take away white noise", async () => {
    const clean = Float32Array.from({ length: 256 }, (_, i) => 5 * sine(2, i));
    const noise = normals("denoisers/noise", 256);
    const denoised = await waveletDenoiser("wavelet", layout).denoise(
      clean.map((v, i) => v + noise[i]!),
      1,
    );
    expect(squares(denoised.map((v, i) => v - clean[i]!))).toBeLessThan(0.6 * squares(noise));
  });

  test("what works on z-scores is undone channel by channel", async () => {
    const halved = { name: "half", denoise: async (x: Float32Array) => x.map((v) => v / 2) };
    const noisy = Float32Array.from({ length: 256 }, (_, i) =>
      i < 128 ? 3 + 7 * sine(5, i) : -2 + sine(9, i),
    );
    const out = await inZScores(halved, layout).denoise(noisy, 1);
    const wanted = noisy.map((v, i) => (i < 128 ? 3 + (v - 3) / 2 : -2 + (v + 2) / 2));
    expectAllclose(out, wanted, { atol: 1e-5 });
  });
});

test("eigenvectors of a symmetric matrix: Av = λv, orthonormal, descending", () => {
  const n = 12;
  const half = normals("eigen", n * n);
  const a = Float64Array.from(
    { length: n * n },
    (_, i) => half[i]! + half[(i % n) * n + Math.floor(i / n)]!,
  );
  const { values, vectors } = symmetricEigen(a, n);
  for (let i = 0; i < n; i++) {
    if (i > 0) expect(values[i]!).toBeLessThanOrEqual(values[i - 1]!);
    for (let j = 0; j < n; j++) {
      let [av, dot] = [0, 0];
      for (let k = 0; k < n; k++) {
        av += a[j * n + k]! * vectors[i * n + k]!;
        dot += vectors[i * n + k]! * vectors[j * n + k]!;
      }
      expect(av).toBeCloseTo(values[i]! * vectors[i * n + j]!, 9);
      expect(dot).toBeCloseTo(i === j ? 1 : 0, 9);
    }
  }
  expect([...symmetricEigen(Float64Array.of(1, 0, 0, 4), 2).values]).toEqual([4, 1]);
});

describe("principal components", () => {
  // Rows of three directions with standard deviations 5, 3 and 1 about a mean, in ten dimensions,
  // and little noise.
  const [dIn, n] = [10, 400];
  const scores = normals("pca/scores", n * 3);
  const deviations = [5, 3, 1];
  const rows = new Float32Array(n * dIn).map((_, i) => {
    const [r, j] = [Math.floor(i / dIn), i % dIn];
    return 2 + (j < 3 ? deviations[j]! * scores[r * 3 + j]! : 0);
  });
  const noise = normals("pca/noise", n * dIn, 0.5);
  const noisy = rows.map((v, i) => v + noise[i]!);

  test("are the directions of most variance, in order", async () => {
    const pca = await principalComponents(reference, rows, dIn, 3);
    for (let i = 0; i < 3; i++) {
      const own = pca.directions.subarray(i * dIn, (i + 1) * dIn);
      expect(Math.abs(own[i]!)).toBeGreaterThan(0.98);
      expect(squares(own)).toBeCloseTo(1, 4);
      expect(Math.sqrt(pca.variances[i]!) / deviations[i]!).toBeCloseTo(1, 0);
    }
    expectAllclose(pca.mean, new Float32Array(dIn).fill(2), { atol: 0.5 });
    // The rows have no more than three: others would be rounding.
    const { directions } = await principalComponents(reference, rows, dIn, 5);
    expect(squares(directions.subarray(3 * dIn))).toBe(0);
    await expect(principalComponents(reference, rows, dIn, 11)).rejects.toThrow(/1 to 10/);
  });

  test("all of them give rows back, some their projection", async () => {
    const pca = await principalComponents(reference, noisy, dIn, dIn);
    const all = await pcaDenoiser(reference, "all", pca, new Array(dIn).fill(1)).denoise(noisy, n);
    expectAllclose(all, noisy, { atol: 1e-4 });
    const three = await pcaDenoiser(reference, "3", pca, [1, 1, 1]).denoise(noisy, n);
    const left = squares(three.map((v, i) => v - rows[i]!));
    // Three of ten dimensions of noise are left.
    expect(left / squares(noise)).toBeGreaterThan(0.25);
    expect(left / squares(noise)).toBeLessThan(0.36);
  });

  test("are chosen by pairs: as many as carry signal, each scaled by its share of signal", async () => {
    const pca = await principalComponents(reference, noisy, dIn, dIn);
    const { count, gains } = await chooseComponents(reference, pca, { noisy, clean: rows });
    expect(count).toBe(3);
    for (const [i, d] of deviations.entries())
      expect(gains[i]).toBeCloseTo(d ** 2 / (d ** 2 + 0.25), 1);
    for (const gain of gains.slice(3)) expect(gain).toBeLessThan(0.05);
    const error = async (g: ArrayLike<number>) => {
      const out = await pcaDenoiser(reference, "x", pca, g).denoise(noisy, n);
      return squares(out.map((v, i) => v - rows[i]!));
    };
    expect(await error(gains)).toBeLessThan(await error([1, 1, 1]));
    expect(await error([1, 1, 1])).toBeLessThan(await error([1, 1]));
    expect(await error([1, 1, 1])).toBeLessThan(await error([1, 1, 1, 1]));
  });
});

test("an SAE's reconstructions are those of its weights", async () => {
  const options = { dIn: 6, dSae: 9, k: 2, seeds: [0], batch: 4 };
  const { members } = await createPopulation(reference, options);
  const sae = members[0]!.sae.inference();
  const x = normals("sae/x", 18);
  const out = await (await saeDenoiser(reference, "sae", sae)).denoise(x, 3);
  for (let r = 0; r < 3; r++) {
    const row = x.subarray(r * 6, (r + 1) * 6);
    const scored = Array.from({ length: 9 }, (_, f) => {
      const atom = sae.encoder.subarray(f * 6, (f + 1) * 6);
      return { f, z: atom.reduce((sum, w, j) => sum + w * row[j]!, 0) };
    });
    const kept = scored.sort((a, b) => b.z - a.z).slice(0, 2);
    const wanted = Float32Array.from({ length: 6 }, (_, j) =>
      kept.reduce((sum, { f, z }) => sum + Math.max(0, z) * sae.decoder[f * 6 + j]!, 0),
    );
    expectAllclose(out.subarray(r * 6, (r + 1) * 6), wanted, { atol: 1e-5 });
  }
});
