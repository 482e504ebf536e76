import { expect, test } from "vitest";
import { cutIntoFragments } from "../fragments.ts";
import { cosinesOf } from "./embedder.ts";
import { distantHook } from "./hidden-state.ts";
import { nGramEmbedder } from "./n-grams.ts";

test("cosines of vectors, and 0 with one of length zero", () => {
  const cosines = cosinesOf(Float32Array.from([3, 4, 4, 3, 0, 0]), 3);
  expect([...cosines].map((c) => Number(c.toFixed(2)))).toEqual([1, 0.96, 0, 0.96, 1, 0, 0, 0, 0]);
});

test("contexts with the same rare token are more alike than those with the same frequent one", async () => {
  const tokens = Int32Array.from([9, 0, 0, 0, 9, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0]);
  const fragments = cutIntoFragments({ groups: new Int32Array(16), heldOutFrom: 0 }, 4);
  const embedder = nGramEmbedder({ tokens, before: new Int32Array(16).fill(-1) }, fragments);
  const peaks = [0, 4, 8, 12];
  const contexts = peaks.map((peak, fragment) => ({ fragment, peak, value: 1 }));
  const cosines = await embedder.cosines(contexts);
  const cosine = (i: number, j: number) => cosines[i * 4 + j]!;
  expect(cosine(0, 1)).toBeCloseTo(1, 6);
  expect(cosine(0, 1)).toBeGreaterThan(cosine(0, 3));
  expect(cosine(2, 3)).toBeGreaterThan(0);
});

test("the other layer is half of the depth away, towards the end where there is room", () => {
  const hooks = [0, 1, 2, 3, 4, 5].map((layer) => `blocks.${layer}.hook_resid_post`);
  expect(distantHook("blocks.1.hook_mlp_out", hooks)).toEqual({ hook: hooks[4] });
  expect(distantHook("blocks.4.hook_resid_post", hooks)).toEqual({ hook: hooks[1] });
  expect(distantHook("last_hidden_state", hooks)).toMatchObject({
    cannot: expect.stringContaining("does not say its layer"),
  });
  expect(distantHook("blocks.0.hook_resid_post", hooks.slice(0, 1))).toMatchObject({
    cannot: expect.stringContaining("no other layer"),
  });
});
