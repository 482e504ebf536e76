import { expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { cosine, fan } from "../../../test/support/plane-atoms.ts";
import { MccNulls } from "../null-model.ts";
import { aliveAgreement, aliveOf } from "./alive.ts";

const nulls = new MccNulls(reference);

test("a latent is alive when its density is above 0, however little", () => {
  expect(Array.from(aliveOf(Float32Array.of(0, 1e-30, 0.5, -0, 1)))).toEqual([1, 2, 4]);
  expect(aliveOf(new Float32Array(3))).toHaveLength(0);
});

test("dead latents take no partner, and the others are matched anew", async () => {
  // The dead latent 1 of b lies on latent 0 of a and would take it.
  const [a, b] = [await fan(0, 90), await fan(10, 0, 90)];
  const alive = [Int32Array.of(0, 1), Int32Array.of(0, 2)] as const;
  const found = (await aliveAgreement(reference, [a, b], alive, nulls))!;
  expect(found.latents).toEqual([2, 2]);
  expect(found.mcc).toBeCloseTo((cosine(10) + 1) / 2, 6);
  expect(found.meanMax[0]).toBeCloseTo((cosine(10) + 1) / 2, 6);
});

test("the two directions of the mean-max cosine are of a and of b", async () => {
  const [a, b] = [await fan(0), await fan(0, 60)];
  const alive = [Int32Array.of(0), Int32Array.of(0, 1)] as const;
  const there = (await aliveAgreement(reference, [a, b], alive, nulls))!;
  expect(there.meanMax[0]).toBeCloseTo(1, 6);
  expect(there.meanMax[1]).toBeCloseTo(0.75, 6);
  const back = (await aliveAgreement(reference, [b, a], [alive[1], alive[0]], nulls))!;
  expect(back.meanMax).toEqual([there.meanMax[1], there.meanMax[0]]);
  expect(back.meanMaxNull).toEqual([there.meanMaxNull![1], there.meanMaxNull![0]]);
  expect(back.mcc).toBe(there.mcc);
});

test("the null of the mean-max cosine counts the latents of the other side that fire", async () => {
  // One random direction in the plane has a mean cosine of 0, the larger of two 4/π².
  const [a, b] = [await fan(0), await fan(20, 60, 100)];
  const alive = [Int32Array.of(0), Int32Array.of(0, 2)] as const;
  const found = (await aliveAgreement(reference, [a, b], alive, nulls))!;
  expect(found.meanMaxNull![0]).toBeCloseTo(4 / Math.PI ** 2, 4);
  expect(found.meanMaxNull![1]).toBeCloseTo(0, 6);
});

test("there is nothing to agree on when one side is dead altogether", async () => {
  const [a, b] = [await fan(0, 90), await fan(0)];
  const [none, one] = [new Int32Array(0), Int32Array.of(0)];
  expect(await aliveAgreement(reference, [a, b], [none, one], nulls)).toBeUndefined();
  expect(await aliveAgreement(reference, [a, b], [one, none], nulls)).toBeUndefined();
});

test("one dimension has an MCC but no null of the mean-max cosine", async () => {
  const line = { unit: Float32Array.of(1, -1), count: 2, d: 1 };
  const all = Int32Array.of(0, 1);
  const found = (await aliveAgreement(reference, [line, line], [all, all], nulls))!;
  expect(found.mcc).toBe(1);
  expect(found.meanMaxNull).toBeUndefined();
});
