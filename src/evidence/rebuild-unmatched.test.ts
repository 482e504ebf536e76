import { expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { normals } from "../../test/support/random.ts";
import { type Dictionary, dictionaryOf } from "../consistency/matching/dictionary.ts";
import { rebuildUnmatched } from "./rebuild-unmatched.ts";

const D = 12;
const pause = async () => {};

/** Random atoms, the first of which are as given. */
async function atoms(name: string, count: number, ...first: Float32Array[]): Promise<Dictionary> {
  const rows = normals(name, count * D);
  for (const [i, atom] of first.entries()) rows.set(atom, i * D);
  return dictionaryOf(reference, rows, count, D);
}

const atom = ({ unit }: Dictionary, i: number) => unit.subarray(i * D, (i + 1) * D);

test("a latent that two of another SAE span is rebuilt from them, better than at random", async () => {
  const other = await atoms("other", 9);
  const sum = atom(other, 2).map((value, i) => 2 * value - atom(other, 5)[i]!);
  const own = await atoms("own", 4, sum);
  const far = await atoms("far", 9);
  const others = new Map([
    [1, far],
    [2, other],
  ]);
  const rebuilt = await rebuildUnmatched(reference, own, [0, 3], others, pause);
  expect(rebuilt.map(({ latent }) => latent)).toEqual([0, 3]);
  const [first] = rebuilt;
  expect(first).toMatchObject({ sae: 2 });
  expect(first!.atoms).toEqual(expect.arrayContaining([2, 5]));
  expect(first!.atoms).toHaveLength(4);
  expect(first!.cosine).toBeCloseTo(1, 5);
  expect(first!.nullCosine).toBeGreaterThan(0.3);
  expect(first!.nullCosine).toBeLessThan(0.95);
});

test("an SAE with fewer atoms gives all it has; without others, or latents, there is nothing", async () => {
  const own = await atoms("own", 300);
  const two = new Map([[1, await atoms("two", 2)]]);
  // More than are rebuilt at a time.
  const all = Array.from({ length: 300 }, (_, i) => i);
  const rebuilt = await rebuildUnmatched(reference, own, all, two, pause);
  expect(rebuilt.map(({ latent }) => latent)).toEqual(all);
  for (const { atoms: joined, cosine } of rebuilt) {
    expect([...joined].sort()).toEqual([0, 1]);
    expect(cosine).toBeGreaterThan(0);
  }
  expect(await rebuildUnmatched(reference, own, all, new Map(), pause)).toEqual([]);
  expect(await rebuildUnmatched(reference, own, [], two, pause)).toEqual([]);
});
