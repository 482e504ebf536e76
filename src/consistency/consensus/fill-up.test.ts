import { expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { dictionaryOf } from "../matching/dictionary.ts";
import { groupLatents } from "./consensus.ts";
import { fillUp } from "./fill-up.ts";

/** Two dictionaries of the plane's directions at these angles, degrees. */
async function planes(...all: readonly (readonly number[])[]) {
  const rows = (angles: readonly number[]) =>
    Float32Array.from(
      angles.flatMap((a) => [Math.cos((a * Math.PI) / 180), Math.sin((a * Math.PI) / 180)]),
    );
  return Promise.all(all.map((angles) => dictionaryOf(reference, rows(angles), angles.length, 2)));
}

test("the least similar latents of the first SAE fill a consensus up", async () => {
  // Latent 0 agrees; 1 lies 20 degrees from it, 2 opposite, 3 at a right angle.
  const dictionaries = await planes([0, 20, 180, 90], [1, 250]);
  const groups = (await groupLatents(reference, dictionaries, 0.99)).filter(
    ({ latents }) => latents.length > 1,
  );
  expect(groups).toHaveLength(1);
  const filled = await fillUp(reference, dictionaries, groups, 3);
  expect(filled.slice(1).map(({ latents }) => latents)).toEqual([
    [{ sae: 0, latent: 2 }],
    [{ sae: 0, latent: 3 }],
  ]);
});

test("it ends when the SAE has no more latents, and leaves a consensus that is full", async () => {
  const dictionaries = await planes([0, 90], [1, 250]);
  const groups = (await groupLatents(reference, dictionaries, 0.99)).slice(0, 1);
  expect(await fillUp(reference, dictionaries, groups, 10)).toHaveLength(2);
  expect(await fillUp(reference, dictionaries, groups, 1)).toEqual(groups);
});
