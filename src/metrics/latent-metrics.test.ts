import { describe, expect, test } from "vitest";
import { activeLatents } from "./active-latents.ts";
import { capacity } from "./capacity.ts";
import { latentKurtosis } from "./latent-kurtosis.ts";
import { type LatentSums, medianOverLive } from "./latent-metric.ts";
import { latentSkewness } from "./latent-skewness.ts";
import { neuronsPerLatent } from "./neurons-per-latent.ts";
import { restFvu } from "./rest-fvu.ts";
import { topFvu } from "./top-fvu.ts";

/** Sums of codes given as a list of activations per latent. */
function sumsOf(codes: readonly (readonly number[])[], more: Partial<LatentSums> = {}): LatentSums {
  const powers = [1, 2, 3, 4].map((n) =>
    Float64Array.from(codes, (code) => code.reduce((sum, z) => sum + z ** n, 0)),
  );
  return {
    rows: codes[0]!.length,
    dIn: 2,
    activeRows: Float64Array.from(codes, (code) => code.filter((z) => z !== 0).length),
    powers: powers as unknown as LatentSums["powers"],
    variance: 8,
    topError: 2,
    restError: 6,
    decoder: new Float32Array(2 * codes.length),
    squaredCosines: new Float64Array(codes.length),
    ...more,
  };
}

test("latents count as active from eleven rows on", () => {
  const fires = (n: number) => Array.from({ length: 20 }, (_, b) => (b < n ? 1 : 0));
  expect(activeLatents.compute(sumsOf([fires(0), fires(10), fires(11), fires(20)]))).toBe(2);
});

test("FVU of the most active latents, and of the others", () => {
  const sums = sumsOf([[0]]);
  expect([topFvu.compute(sums), restFvu.compute(sums)]).toEqual([0.25, 0.75]);
});

describe("moments are about the mean, zeros among the activations", () => {
  test("of a latent that fires in a fourth of the rows", () => {
    // Three times Bernoulli, p = 1/4, q = p(1 − p): (1 − 2p)/√q and 3 + (1 − 6q)/q.
    const sums = sumsOf([[3, 0, 0, 0]]);
    expect(latentSkewness.compute(sums)).toBeCloseTo(0.5 / Math.sqrt(3 / 16), 10);
    expect(latentKurtosis.compute(sums)).toBeCloseTo(3 + (1 - 18 / 16) / (3 / 16), 10);
  });

  test("are the median of live latents that vary", () => {
    const dead = [0, 0, 0, 0];
    const constant = [1, 1, 1, 1];
    const sums = sumsOf([dead, constant, [1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0]]);
    expect(latentSkewness.compute(sums)).toBeCloseTo(0, 10);
    expect(medianOverLive(sums, (mean) => mean)).toBeCloseTo(0.625, 10);
    expect(latentSkewness.compute(sumsOf([dead]))).toBeNaN();
  });
});

test("neurons per latent: one for an axis, all for an even spread, atoms of zeros left out", () => {
  const decoder = Float32Array.of(0, -3, 2, -2, 0, 0);
  expect(neuronsPerLatent.compute(sumsOf([[0], [0], [0]], { decoder }))).toBeCloseTo(1.5, 6);
  expect(neuronsPerLatent.random!({ dSae: 5, dIn: 2 })).toBeCloseTo(1 + 2 / Math.PI, 10);
});

test("capacity: one for orthogonal atoms, a half for two of the same direction", () => {
  const squaredCosines = Float64Array.of(1, 2, 2, 0);
  expect(capacity.compute(sumsOf([[0], [0], [0], [0]], { squaredCosines }))).toBeCloseTo(2 / 3, 10);
  expect(capacity.random!({ dSae: 9, dIn: 8 })).toBe(0.5);
});
