import { expect, test } from "vitest";
import { type StrictPair, sharedIn, strictShares } from "./strict-shares.ts";

const matching = (partners: readonly number[], cosines: readonly number[]) => ({
  partnerOfA: Int32Array.from(partners),
  cosine: Float32Array.from(cosines),
  mean: 0,
  pairs: partners.filter((p) => p >= 0).length,
});

/** A pair whose encoders are matched as its decoders are, unless said otherwise. */
function pair(
  [a, b]: readonly [number, number],
  partners: readonly number[],
  cosines: readonly number[],
  encoder: { partners?: readonly number[]; cosines?: readonly number[] } = {},
  shared: readonly number[] = [0, 0, 0],
): StrictPair & { null: { shared: readonly number[] } } {
  const decoderMatching = matching(partners, cosines);
  const encoderMatching = matching(encoder.partners ?? partners, encoder.cosines ?? cosines);
  return { a, b, measures: { decoderMatching, encoderMatching }, null: { shared } };
}

test("a cosine of exactly τ is enough, on either side", () => {
  const at = [pair([0, 1], [0, 1], [0.75, 0.75])];
  expect(Array.from(sharedIn(0, 2, at, 0.75))).toEqual([1, 1]);
  const below = [pair([0, 1], [0, 1], [0.75, 0.74], { cosines: [0.74, 0.75] })];
  expect(Array.from(sharedIn(0, 2, below, 0.75))).toEqual([0, 0]);
});

test("latents without a partner are shared with nobody, though both say so", () => {
  expect(Array.from(sharedIn(0, 2, [pair([0, 1], [-1, 0], [0.9, 0.9])]))).toEqual([0, 1]);
});

test("an encoder that points the other way speaks against sharing", () => {
  const pairs = [pair([0, 1], [0], [0.9], { cosines: [-0.9] })];
  expect(Array.from(sharedIn(0, 1, pairs))).toEqual([0]);
});

test("pairs without the SAE say nothing of it", () => {
  const pairs = [pair([1, 2], [0, 1], [1, 1]), pair([0, 2], [1, 0], [1, 0.1])];
  expect(Array.from(sharedIn(0, 2, pairs))).toEqual([1, 0]);
  expect(strictShares(0, 2, pairs)!.counts).toEqual({ always: 0.5, sometimes: 0, never: 0.5 });
});

test("always is in every other SAE, sometimes in some, never in none", () => {
  const pairs = [
    pair([0, 1], [0, 1, 2, 3], [1, 1, 0, 0]),
    pair([0, 2], [0, 1, 2, 3], [1, 0, 0, 1]),
  ];
  const { counts } = strictShares(0, 4, pairs)!;
  expect(counts).toEqual({ always: 0.25, sometimes: 0.5, never: 0.25 });
});

test("with one other SAE, no latent is sometimes shared", () => {
  const { counts, intervals } = strictShares(0, 2, [pair([0, 1], [0, 1], [1, 0])])!;
  expect(counts.sometimes).toBe(0);
  expect(intervals!.sometimes).toEqual([0, 0]);
});

test("intervals hold their share, and one latent has none", () => {
  const all = Array.from({ length: 50 }, (_, i) => i);
  const cosines = all.map((i) => (i < 30 ? 1 : 0));
  const { counts, intervals } = strictShares(0, 50, [pair([0, 1], all, cosines)])!;
  for (const key of ["always", "never"] as const) {
    const [low, high] = intervals![key];
    expect(low).toBeLessThan(counts[key]);
    expect(high).toBeGreaterThan(counts[key]);
  }
  expect(strictShares(0, 1, [pair([0, 1], [0], [1])])!.intervals).toBeUndefined();
});

test("the null multiplies the chances of the pairs at the threshold that was asked for", () => {
  const pairs = [
    pair([0, 1], [0], [1], {}, [0.8, 0.5, 0.1]),
    pair([2, 0], [0], [1], {}, [0.6, 0.2, 0]),
    pair([1, 2], [0], [1], {}, [1, 1, 1]),
  ];
  const at = (threshold: number) => strictShares(0, 1, pairs, threshold)!.null;
  expect(at(0.7)!.always).toBeCloseTo(0.1, 12);
  expect(at(0.7)!.never).toBeCloseTo(0.4, 12);
  expect(at(0.7)!.sometimes).toBeCloseTo(0.5, 12);
  expect(at(0.5)!.always).toBeCloseTo(0.48, 12);
  expect(at(0.9)).toEqual({ always: 0, sometimes: expect.closeTo(0.1), never: 0.9 });
  // Pairs hold nulls at three thresholds only.
  expect(at(0.65)).toBeUndefined();
});

test("the null of a wider SAE counts its latents that the pair leaves without a partner", () => {
  // The narrow SAE has one latent, which every draw of the null shares.
  const pairs = [
    pair([0, 1], [-1, 0, -1, -1], [0, 1, 0, 0], {}, [1, 1, 0]),
    pair([0, 2], [0, 1, 2, 3], [1, 1, 0, 0], {}, [0.5, 0.5, 0]),
  ];
  const wide = strictShares(0, 4, pairs.slice(0, 1))!;
  expect(wide.counts).toEqual({ always: 0.25, sometimes: 0, never: 0.75 });
  expect(wide.null).toEqual(wide.counts);
  expect(strictShares(1, 1, pairs)!.null).toEqual({ always: 1, sometimes: 0, never: 0 });
  const both = strictShares(0, 4, pairs)!.null;
  expect(both).toEqual({ always: 0.125, sometimes: 0.5, never: 0.375 });
});
