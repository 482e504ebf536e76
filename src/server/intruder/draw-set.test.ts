import { expect, test } from "vitest";
import { smallEvidence } from "../../../test/support/evidence/made-evidence.ts";
import { DECILES, drawSet, idOf, numberOf, OWN_CONTEXTS } from "./draw-set.ts";

const evidence = smallEvidence(200);
const latentOf = (row: number) => Math.floor(row / 1000);

test("four contexts are of one latent, one is of another of the same tenth by density", async () => {
  const places = new Set<number>();
  for (let index = 0; index < 60; index++) {
    const set = (await drawSet(evidence, { seed: 5, index }))!;
    const latents = set.contexts.map(({ row }) => latentOf(row));
    expect(latents).toHaveLength(OWN_CONTEXTS + 1);
    expect(latents[set.intruder]).toBe(set.other);
    expect(latents.filter((latent) => latent === set.latent)).toHaveLength(OWN_CONTEXTS);
    expect(new Set(set.contexts.map(({ row }) => row)).size).toBe(OWN_CONTEXTS + 1);
    // 180 living latents, by density in the order of their numbers: eighteen to a tenth.
    const living = (latent: number) => latent - Math.floor(latent / 10);
    expect(Math.floor(living(set.latent) / 18)).toBe(set.decile);
    expect(Math.floor(living(set.other) / 18)).toBe(set.decile);
    // The nearest latent would be no fair intruder.
    expect(set.other).not.toBe(set.latent + 1);
    places.add(set.intruder);
  }
  expect(places.size).toBe(OWN_CONTEXTS + 1);
});

test("every ten sets have every tenth, in an order of their own", async () => {
  const deciles = async (from: number) => {
    const found: number[] = [];
    for (let i = 0; i < DECILES; i++)
      found.push((await drawSet(evidence, { seed: 0, index: from + i }))!.decile);
    return found;
  };
  const [first, second] = [await deciles(0), await deciles(10)];
  expect(first.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(second.toSorted()).toEqual(first.toSorted());
  expect(second).not.toEqual(first);
});

test("a name draws the same set again, of one member as of all", async () => {
  for (const number of [
    { seed: 7, index: 3 },
    { seed: 7, index: 3, member: "member-1" },
  ]) {
    const set = (await drawSet(evidence, number))!;
    expect(set.member).toBe(number.member ?? set.member);
    const id = idOf(number, set);
    expect(await drawSet(evidence, numberOf(id)!)).toEqual(set);
  }
  for (const text of ["", "1.2", "1.2.xyz", "-1.2.0123456789ab", "1.9999999.0123456789ab"])
    expect(numberOf(text), text).toBeUndefined();
});

test("few latents still make sets; none, and rows that show nothing, do not", async () => {
  expect(await drawSet(smallEvidence(12), { seed: 0, index: 0 })).toBeDefined();
  expect(await drawSet(smallEvidence(1), { seed: 0, index: 0 })).toBeUndefined();
  const bare = {
    ...evidence,
    async card(member: string, latent: number) {
      const card = await evidence.card(member, latent);
      const without = card.examples.top.map((e) => ({ ...e, pieces: [] }));
      return { ...card, examples: { ...card.examples, top: without, random: [], quantiles: [] } };
    },
  };
  expect(await drawSet(bare, { seed: 0, index: 0 })).toBeUndefined();
});
