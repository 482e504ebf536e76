import { expect, test } from "vitest";
import { type ComparedSaes, recurrenceOf, sharedCounts, uniqueAtK } from "./recurrence.ts";
import { sharedIn, strictShares } from "./strict-shares.ts";

const matched = (a: number, b: number, partners: number[], cosines: number[]): ComparedSaes => ({
  a,
  b,
  measures: {
    decoderMatching: {
      partnerOfA: Int32Array.from(partners),
      cosine: Float32Array.from(cosines),
      mean: 0,
      pairs: partners.filter((p) => p >= 0).length,
    },
  },
});

/** Three SAEs of two, three and two latents. */
const PAIRS = [
  matched(0, 1, [2, 0], [0.9, 0.75]),
  matched(0, 2, [0, 1], [0.8, 0.2]),
  matched(1, 2, [1, -1, 0], [0.6, 0, 0.95]),
];

test("a latent recurs where its partner is near enough, whichever way the pair was compared", () => {
  expect(recurrenceOf(0, 2, PAIRS).map((l) => l.recursIn)).toEqual([2, 1]);
  expect(recurrenceOf(1, 3, PAIRS).map((l) => l.recursIn)).toEqual([1, 0, 2]);
  expect(recurrenceOf(2, 2, PAIRS).map((l) => l.recursIn)).toEqual([2, 0]);
  expect(recurrenceOf(0, 2, PAIRS, 0.85).map((l) => l.recursIn)).toEqual([1, 0]);
});

test("partners are named with their cosines, also below the threshold", () => {
  const [, second] = recurrenceOf(0, 2, PAIRS);
  expect(second!.partners).toEqual([
    { sae: 1, latent: 0, cosine: 0.75 },
    { sae: 2, latent: 1, cosine: Math.fround(0.2) },
  ]);
  expect(second!.meanCosine).toBeCloseTo(0.475);
  expect(second!.lowestCosine).toBeCloseTo(0.2);
});

test("a latent that no assignment reaches has no partner", () => {
  const alone = recurrenceOf(1, 3, PAIRS)[1]!;
  expect(alone).toEqual({
    partners: [],
    recursIn: 0,
    meanCosine: undefined,
    lowestCosine: undefined,
  });
});

const latents = [0, 1, 1, 2].map((recursIn) => ({ recursIn }));

test("shares of latents add up to one", () => {
  expect(sharedCounts(latents, 2)).toEqual({ always: 0.25, sometimes: 0.5, never: 0.25 });
});

test("unique@k is the mean over all draws of k − 1 others", () => {
  // Of two others: drawing one, a latent found in one of them is lacking half of the time.
  expect(uniqueAtK(latents, 2)).toEqual([1, (1 + 0.5 + 0.5 + 0) / 4, 0.25]);
});

test("a latent is shared where both assignments name one partner, each near enough", () => {
  const matching = (partners: number[], cosines: number[]) => ({
    partnerOfA: Int32Array.from(partners),
    cosine: Float32Array.from(cosines),
    mean: 0,
    pairs: partners.length,
  });
  const pairs = [
    {
      a: 0,
      b: 1,
      measures: {
        decoderMatching: matching([2, 0, 1], [0.9, 0.8, 0.95]),
        encoderMatching: matching([2, 1, 1], [0.8, 0.9, 0.6]),
      },
    },
  ];
  expect(Array.from(sharedIn(0, 3, pairs))).toEqual([1, 0, 0]);
  expect(Array.from(sharedIn(1, 3, pairs))).toEqual([0, 0, 1]);
  expect(Array.from(sharedIn(0, 3, pairs, 0.5))).toEqual([1, 0, 1]);

  const none = { shared: [0.5, 0.1, 0] };
  const shares = strictShares(0, 3, [{ ...pairs[0]!, null: none }])!;
  expect(shares.counts).toEqual({ always: 1 / 3, sometimes: 0, never: 2 / 3 });
  expect(shares.null).toEqual({ always: 0.1, sometimes: 0, never: 0.9 });
  expect(shares.intervals!.always[0]).toBeLessThanOrEqual(1 / 3);
  expect(strictShares(2, 3, [{ ...pairs[0]!, null: none }])).toBeUndefined();
});
