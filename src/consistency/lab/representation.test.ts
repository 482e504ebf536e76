import { expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { normals } from "../../../test/support/random.ts";
import { rotation, turned } from "../../../test/support/rotation.ts";
import { type Dictionary, dictionaryOf } from "../matching/dictionary.ts";
import { representationOf } from "./representation.ts";

const [N, D] = [24, 5];
const identity = Int32Array.from({ length: N }, (_, i) => i);

const random = (name: string, count = N, d = D) =>
  dictionaryOf(reference, normals(name, count * d), count, d);

const measured = async (a: Dictionary, b: Dictionary, partners = identity) =>
  (await representationOf(reference, a, b, partners))!;

test("a rotated dictionary is arranged as the first, and shuffled partners are not", async () => {
  const a = await random("a");
  const b = { ...a, unit: turned(a.unit, rotation("turn", D), D) };
  const { shuffled, ...found } = await measured(a, b);
  for (const value of Object.values(found)) expect(value).toBeCloseTo(1, 3);
  expect(shuffled.cka).toBeLessThan(0.5);
  expect(Math.abs(shuffled.rsa)).toBeLessThan(0.3);
  expect(shuffled.svcca).toBeLessThan(0.8);
});

test("a rotation of either side changes none of the three", async () => {
  const [a, b] = [await random("a"), await random("b")];
  const before = await measured(a, b);
  const after = await measured({ ...a, unit: turned(a.unit, rotation("other", D), D) }, b);
  for (const key of ["cka", "svcca", "rsa"] as const) {
    expect(after[key]).toBeCloseTo(before[key], 4);
    expect(after.shuffled[key]).toBeCloseTo(before.shuffled[key], 4);
  }
});

test("reflecting all atoms keeps the arrangement", async () => {
  const a = await random("a");
  const { cka, svcca, rsa } = await measured(a, { ...a, unit: a.unit.map((v) => -v) });
  for (const value of [cka, svcca, rsa]) expect(value).toBeCloseTo(1, 3);
});

test("the two sides are interchangeable when the assignment is turned around", async () => {
  const [a, b] = [await random("a"), await random("b")];
  const partners = Int32Array.from(identity, (i) => (5 * i + 3) % N);
  const back = new Int32Array(N);
  for (const [i, j] of partners.entries()) back[j] = i;
  const [there, again] = [await measured(a, b, partners), await measured(b, a, back)];
  expect(again.cka).toBeCloseTo(there.cka, 5);
  expect(again.svcca).toBeCloseTo(there.svcca, 5);
  expect(again.rsa).toBeCloseTo(there.rsa, 5);
});

test("only matched atoms are compared", async () => {
  const a = await random("a");
  const b = { ...a, unit: turned(a.unit, rotation("turn", D), D) };
  // What is not matched may be anything.
  b.unit.set(normals("noise", 3 * D), 0);
  const partners = identity.map((i) => (i < 3 ? -1 : i));
  const { cka, svcca, rsa } = await measured(a, b, partners);
  for (const value of [cka, svcca, rsa]) expect(value).toBeCloseTo(1, 3);
});

test("fewer than three matched pairs have no arrangement", async () => {
  const [a, b] = [await random("a"), await random("b")];
  const matched = (pairs: number) => identity.map((i) => (i < pairs ? i : -1));
  expect(await representationOf(reference, a, b, matched(0))).toBeUndefined();
  expect(await representationOf(reference, a, b, matched(2))).toBeUndefined();
  expect(await representationOf(reference, a, b, matched(3))).toBeDefined();
});

test("dictionaries of two widths have an arrangement in common too", async () => {
  const a = await random("a");
  const wide = new Float32Array(N * (D + 2));
  for (let i = 0; i < N; i++) wide.set(a.unit.subarray(i * D, (i + 1) * D), i * (D + 2) + 1);
  const { cka, svcca, rsa } = await measured(a, { unit: wide, count: N, d: D + 2 });
  for (const value of [cka, svcca, rsa]) expect(value).toBeCloseTo(1, 3);
});

test("the dictionaries stay as they were, and a second call gives the same numbers", async () => {
  const [a, b] = [await random("a"), await random("b")];
  const before = [a.unit.slice(), b.unit.slice()];
  const first = await measured(a, b);
  expect([a.unit, b.unit]).toEqual(before);
  expect(await measured(a, b)).toEqual(first);
});
