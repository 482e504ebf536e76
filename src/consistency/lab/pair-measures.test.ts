import { expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { cosine, fan } from "../../../test/support/plane-atoms.ts";
import { normals } from "../../../test/support/random.ts";
import { rotation, turned } from "../../../test/support/rotation.ts";
import type { Dictionary } from "../matching/dictionary.ts";
import { atomsOf, type SaeAtoms } from "./atoms.ts";
import { compareSaes, pairwiseMean } from "./compare-saes.ts";
import { LabNulls } from "./null-measures.ts";
import { measurePair, SHARED_THRESHOLDS } from "./pair-measures.ts";

/** An SAE whose encoder is its decoder unless another one is given. */
const saeOf = (decoder: Dictionary, encoder = decoder): SaeAtoms => ({
  decoder,
  encoder,
  alignment: new Float32Array(decoder.count),
});

const randomSae = (name: string, dSae: number, dIn: number) =>
  atomsOf(reference, {
    encoder: normals(`${name}/encoder`, dSae * dIn),
    decoder: normals(`${name}/decoder`, dSae * dIn),
    dSae,
    dIn,
  });

test("one latent each: every measure is that of the one pair", async () => {
  const found = await measurePair(reference, saeOf(await fan(0)), saeOf(await fan(120)));
  expect(found.mcc).toBeCloseTo(-0.5, 6);
  expect(found.mccAbs).toBeCloseTo(0.5, 6);
  expect(found.stabilityExact).toBeCloseTo(-0.5, 6);
  expect(found.meanMax[0]).toBeCloseTo(-0.5, 6);
  expect(found.shared).toEqual([0, 0, 0]);
  expect(found.representation).toBeUndefined();
});

test("atoms of the other sign count for the MCC of sizes alone", async () => {
  const found = await measurePair(reference, saeOf(await fan(0, 90)), saeOf(await fan(180, 270)));
  expect(found.mccAbs).toBeCloseTo(1, 6);
  expect(found.mcc).toBeCloseTo(0, 6);
});

test("several atoms may share a nearest one, but not a partner", async () => {
  const found = await measurePair(reference, saeOf(await fan(0, 10)), saeOf(await fan(0, 90)));
  expect(found.meanMax[0]).toBeCloseTo((1 + cosine(10)) / 2, 6);
  expect(found.mcc).toBeCloseTo((1 + cosine(80)) / 2, 6);
  expect(Array.from(found.nearestOfA)).toEqual([0, 0]);
  expect(Array.from(found.nearestOfB)).toEqual([0, 1]);
});

test("shared@τ takes both assignments, and counts pairs of the smaller SAE", async () => {
  const a = saeOf(await fan(0, 90));
  const b = saeOf(await fan(20, 130, 270), await fan(50, 130, 270));
  const found = await measurePair(reference, a, b);
  // Pair one: cos 20° and cos 50° = 0.64. Pair two: cos 40° = 0.77 on both sides.
  expect(SHARED_THRESHOLDS).toEqual([0.5, 0.7, 0.9]);
  expect(found.shared).toEqual([1, 0.5, 0]);
  expect(found.mccEncoder).toBeCloseTo((cosine(50) + cosine(40)) / 2, 6);
});

test("shared@τ is 0 where encoders are matched in another way", async () => {
  const a = saeOf(await fan(0, 90));
  const b = saeOf(await fan(0, 90), await fan(90, 0));
  const found = await measurePair(reference, a, b);
  expect([found.mcc, found.mccEncoder]).toEqual([1, 1].map((v) => expect.closeTo(v, 6)));
  expect(found.shared).toEqual([0, 0, 0]);
});

test("permuting and rotating both SAEs leaves every number", async () => {
  const [n, m, d] = [9, 12, 5];
  const [a, b] = [await randomSae("a", n, d), await randomSae("b", m, d)];
  const turn = rotation("pair", d);
  const moved = ({ unit, count }: Dictionary, step: number): Dictionary => {
    const rows = turned(unit, turn, d);
    const out = new Float32Array(rows.length);
    for (let i = 0; i < count; i++)
      out.set(rows.subarray(i * d, (i + 1) * d), ((i * step) % count) * d);
    return { unit: out, count, d };
  };
  const movedSae = (sae: SaeAtoms, step: number) =>
    saeOf(moved(sae.decoder, step), moved(sae.encoder, step));
  const before = await measurePair(reference, a, b);
  const after = await measurePair(reference, movedSae(a, 2), movedSae(b, 5));
  expect(after.mcc).toBeCloseTo(before.mcc, 5);
  expect(after.mccAbs).toBeCloseTo(before.mccAbs!, 5);
  expect(after.mccEncoder).toBeCloseTo(before.mccEncoder, 5);
  expect(after.stabilityExact).toBeCloseTo(before.stabilityExact!, 5);
  expect(after.meanMax[0]).toBeCloseTo(before.meanMax[0], 5);
  expect(after.meanMax[1]).toBeCloseTo(before.meanMax[1], 5);
  expect(after.shared).toEqual(before.shared);
  expect(after.representation!.cka).toBeCloseTo(before.representation!.cka, 4);
});

test("signed measures never exceed the mean-max cosine, and sizes never fall below", async () => {
  const [a, b] = [await randomSae("a", 10, 6), await randomSae("b", 10, 6)];
  const { mcc, mccAbs, meanMax, bySize, byDistance, stabilityExact } = await measurePair(
    reference,
    a,
    b,
  );
  expect(mcc).toBeLessThanOrEqual(Math.min(...meanMax) + 1e-6);
  expect(mccAbs).toBeGreaterThanOrEqual(mcc - 1e-6);
  expect(stabilityExact).toBeLessThanOrEqual(mcc + 1e-6);
  expect([bySize!.length, byDistance!.length]).toEqual([10, 10]);
});

test("SAEs of two widths are refused, and what to do is said", async () => {
  const [a, b] = [await randomSae("a", 3, 4), await randomSae("b", 3, 5)];
  await expect(measurePair(reference, a, b)).rejects.toThrow(/d_in 4 and d_in 5/);
});

test("a comparison skips pairs of two widths and says why", async () => {
  const saes = [await randomSae("a", 3, 4), await randomSae("b", 4, 4), await randomSae("c", 3, 5)];
  const steps: string[] = [];
  const found = await compareSaes(reference, saes, (done, total) => {
    steps.push(`${done}/${total}`);
  });
  expect(found.pairs.map(({ a, b }) => [a, b])).toEqual([[0, 1]]);
  expect(found.skipped).toEqual([
    { a: 0, b: 2, why: "d_in 4 and 5: atoms of different spaces have no cosine" },
    { a: 1, b: 2, why: "d_in 4 and 5: atoms of different spaces have no cosine" },
  ]);
  expect(steps).toEqual(["1/3", "2/3", "3/3"]);
  expect(found.pwMcc!.mean).toBe(found.pairs[0]!.measures.mcc);
});

test("no pair, no pairwise mean", async () => {
  const alone = await compareSaes(reference, [await randomSae("a", 3, 4)]);
  expect(alone).toEqual({ pairs: [], skipped: [], pwMcc: undefined });
});

test("what the progress callback throws ends the comparison", async () => {
  const saes = [await randomSae("a", 3, 4), await randomSae("b", 3, 4)];
  const stop = () => Promise.reject(new Error("stopped"));
  await expect(compareSaes(reference, saes, stop)).rejects.toThrow("stopped");
});

test("intervals resample latents: one latent has none", async () => {
  const [one, other] = [saeOf(await fan(0)), saeOf(await fan(30))];
  const [pair] = (await compareSaes(reference, [one, other])).pairs;
  expect(pair!.mccInterval).toBeUndefined();
  expect(pair!.mccAbsInterval).toBeUndefined();
  const saes = [await randomSae("a", 12, 4), await randomSae("b", 20, 4)];
  const [wide] = (await compareSaes(reference, saes)).pairs;
  // Matched latents alone are resampled: the mean of all 12 lies inside.
  expect(wide!.mccInterval![0]).toBeLessThan(wide!.measures.mcc);
  expect(wide!.mccInterval![1]).toBeGreaterThan(wide!.measures.mcc);
});

type Numbers = Parameters<typeof pairwiseMean>[0][number];
const numbered = (a: number, b: number, mcc: number, none = 0) =>
  ({ a, b, measures: { mcc }, null: { mcc: none } }) as Numbers;
const mccOf = (pairs: readonly Numbers[]) =>
  pairwiseMean(pairs, (p) => [p.measures.mcc, p.null.mcc]);

test("the pairwise mean, its standard deviation over pairs and its null", () => {
  const found = mccOf([
    numbered(0, 1, 0.2, 0.1),
    numbered(0, 2, 0.4, 0.3),
    numbered(1, 2, 0.9, 0.2),
  ]);
  expect(found!.mean).toBeCloseTo(0.5, 12);
  expect(found!.sd).toBeCloseTo(Math.sqrt((0.09 + 0.01 + 0.16) / 2), 12);
  expect(found!.null).toBeCloseTo(0.2, 12);
  // Two drawn SAEs of three give one pair: the interval lies between the ends.
  expect(found!.interval![0]).toBeGreaterThanOrEqual(0.2);
  expect(found!.interval![1]).toBeLessThanOrEqual(0.9);
});

test("one pair has neither a standard deviation nor an interval", () => {
  expect(mccOf([numbered(0, 1, 0.25, 0.125)])).toEqual({
    mean: 0.25,
    sd: undefined,
    null: 0.125,
    interval: undefined,
  });
});

test("the mean leaves out pairs that lack the measure, and is undefined if all lack it", () => {
  const pairs = [numbered(0, 1, 0.2), numbered(0, 2, 0.6), numbered(1, 2, 100)];
  const found = pairwiseMean(pairs, ({ measures }) =>
    measures.mcc > 1 ? undefined : [measures.mcc, 0],
  );
  expect(found!.mean).toBeCloseTo(0.4, 12);
  expect(pairwiseMean(pairs, () => undefined)).toBeUndefined();
  expect(mccOf([])).toBeUndefined();
});

test("nulls: encoder and decoder are one, and each shape is measured once", async () => {
  const nulls = new LabNulls(reference);
  const found = await nulls.of(6, 8, 4);
  expect(nulls.of(6, 8, 4)).toBe(nulls.of(6, 8, 4));
  expect(found.mccEncoder).toBe(found.mcc);
  expect(found.matched).toHaveLength(6);
  expect(found.mccAbs!).toBeGreaterThanOrEqual(found.mcc);
  expect(found.meanMax[0]).toBeGreaterThanOrEqual(found.mcc - 1e-6);
  // A threshold that is higher is reached by fewer.
  expect(found.shared).toEqual([...found.shared].sort((x, y) => y - x));
  expect(await new LabNulls(reference).of(6, 8, 4)).toEqual(found);
});

test("nulls of fewer than three atoms have no arrangement", async () => {
  expect((await new LabNulls(reference).of(2, 8, 4)).representation).toBeUndefined();
  expect((await new LabNulls(reference).of(3, 8, 4)).representation).toBeDefined();
});

test("with more atoms than a plane can keep apart, random dictionaries agree by chance", async () => {
  const nulls = new LabNulls(reference);
  expect((await nulls.of(64, 64, 2)).mcc).toBeGreaterThan(0.9);
  expect((await nulls.of(8, 8, 64)).mcc).toBeLessThan(0.3);
});
