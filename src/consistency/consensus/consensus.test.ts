import { expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { cosine, fan } from "../../../test/support/plane-atoms.ts";
import { normals } from "../../../test/support/random.ts";
import { dictionaryOf } from "../matching/dictionary.ts";
import { groupAtoms, groupLatents } from "./consensus.ts";

const named = (groups: Awaited<ReturnType<typeof groupLatents>>) =>
  groups.map(({ latents }) => latents.map(({ sae, latent }) => `${sae}.${latent}`).join(" "));

test("what all have found is one group, what one has found stands alone", async () => {
  const saes = [await fan(0, 90), await fan(92, 3, 200), await fan(1, 91)];
  const groups = await groupLatents(reference, saes, cosine(10));
  expect(named(groups)).toEqual(["0.1 1.0 2.1", "0.0 1.1 2.0", "1.2"]);
  expect(groups[1]!.agreement).toBeCloseTo((cosine(3) + cosine(1) + cosine(2)) / 3, 6);
  expect(groups[2]!.agreement).toBe(1);
});

test("a chain of near neighbours is cut where its ends are too far apart", async () => {
  // 0° – 8° – 16°: each link is within 10°, the ends are not.
  const saes = [await fan(0), await fan(8), await fan(15)];
  const groups = await groupLatents(reference, saes, cosine(10));
  expect(named(groups)).toEqual(["1.0 2.0", "0.0"]);
});

test("a group has one latent per SAE: of two that are alike the nearer one", async () => {
  const saes = [await fan(0, 2), await fan(0.5)];
  expect(named(await groupLatents(reference, saes, cosine(10)))).toEqual(["0.0 1.0", "0.1"]);
});

test("averaged atoms have length one and lie between those of the group", async () => {
  const saes = [await fan(10), await fan(20)];
  const groups = await groupLatents(reference, saes, cosine(15));
  const { unit, count, d } = groupAtoms(reference, saes, groups);
  expect([count, d]).toEqual([1, 2]);
  expect(unit[0]).toBeCloseTo(cosine(15), 6);
  expect(Math.hypot(unit[0]!, unit[1]!)).toBeCloseTo(1, 6);
});

test("noisy copies of one truth are averaged towards it, unrelated atoms are not grouped", async () => {
  const [features, d] = [30, 24];
  const truth = await dictionaryOf(reference, normals("truth", features * d), features, d);
  const saes = await Promise.all(
    [0, 1, 2, 3].map((seed) => {
      const rows = normals(`noise/${seed}`, (features + 10) * d, 0.08);
      for (let i = 0; i < features * d; i++) rows[i]! += truth.unit[i]!;
      return dictionaryOf(reference, rows, features + 10, d);
    }),
  );
  const groups = await groupLatents(reference, saes, 0.7);
  const common = groups.filter(({ latents }) => latents.length >= 3);
  expect(common).toHaveLength(features);
  const atoms = groupAtoms(reference, saes, common);
  const error = (unit: Float32Array, row: number, feature: number) => {
    let dot = 0;
    for (let i = 0; i < d; i++) dot += unit[row * d + i]! * truth.unit[feature * d + i]!;
    return 1 - dot;
  };
  let averaged = 0;
  let single = 0;
  for (const [g, { latents }] of common.entries()) {
    const { sae, latent } = latents[0]!;
    averaged += error(atoms.unit, g, latent);
    single += error(saes[sae]!.unit, latent, latent);
  }
  // Four independent errors, averaged.
  expect(averaged).toBeLessThan(single / 2.5);
});

test("one SAE is all groups of one, in the order of its latents", async () => {
  const groups = await groupLatents(reference, [await fan(0, 1, 90)], cosine(10));
  expect(named(groups)).toEqual(["0.0", "0.1", "0.2"]);
});

test("SAEs of two widths are refused before anything is compared", async () => {
  const wide = { unit: Float32Array.of(1, 0, 0), count: 1, d: 3 };
  await expect(groupLatents(reference, [await fan(0), wide], 0.7)).rejects.toThrow(
    /d_in 2 and d_in 3/,
  );
});

test("a latent and its negative are not one feature", async () => {
  const groups = await groupLatents(reference, [await fan(0), await fan(180)], 0.7);
  expect(named(groups)).toEqual(["0.0", "1.0"]);
});

test("of groups of one size the more alike comes first", async () => {
  const saes = [await fan(0, 90), await fan(8, 92)];
  const groups = await groupLatents(reference, saes, cosine(10));
  expect(named(groups)).toEqual(["0.1 1.1", "0.0 1.0"]);
  expect(groups[0]!.agreement).toBeGreaterThan(groups[1]!.agreement);
});

test("every latent is in exactly one group, whatever the threshold", async () => {
  const saes = await Promise.all(
    ["u", "v", "w"].map((name) => dictionaryOf(reference, normals(name, 20 * 4), 20, 4)),
  );
  for (const threshold of [-1, 0.3, 0.8, 1.1]) {
    const all = (await groupLatents(reference, saes, threshold)).flatMap(({ latents }) => latents);
    expect(all).toHaveLength(60);
    expect(new Set(all.map(({ sae, latent }) => `${sae} ${latent}`)).size).toBe(60);
  }
});

test("atoms that cancel have no mean direction: the row stays zero", () => {
  const saes = [1, -1].map((x) => ({ unit: Float32Array.of(x, 0), count: 1, d: 2 }));
  const opposite = [{ latents: [0, 1].map((sae) => ({ sae, latent: 0 })), agreement: -1 }];
  const { unit } = groupAtoms(reference, saes, opposite);
  expect(Array.from(unit)).toEqual([0, 0]);
});
