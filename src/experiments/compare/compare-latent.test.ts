import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reference } from "../../../test/support/backends.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { saveSae } from "../../interchange/saelens.ts";
import { compareLatent, latentJson } from "./compare-latent.ts";

/** Saves an SAE with these atoms, which need not have length one. @returns its folder. */
async function saved(root: string, name: string, ...atoms: readonly (readonly number[])[]) {
  const [dSae, dIn] = [atoms.length, atoms[0]!.length];
  const decoder = Float32Array.from(atoms.flat());
  const folder = join(root, name);
  await saveSae(folder, {
    architecture: "relu",
    selection: { kind: "relu" },
    dIn,
    dSae,
    encoder: decoder.slice(),
    decoder,
    encoderBias: new Float32Array(dSae),
    decoderBias: undefined,
  });
  return folder;
}

const AXES = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
] as const;

describe("a latent that is in the other SAE", () => {
  test("is rebuilt by its twin alone, however long either atom is", async () => {
    const root = temporaryFolder();
    const names = [
      await saved(root, "a", [0, 5, 0]),
      await saved(root, "b", ...AXES.map((atom) => atom.map((v) => 0.1 * v))),
    ];
    const { others } = await compareLatent(reference, { names, latent: "0" });
    expect(others[0]).toMatchObject({ name: "b", dSae: 3, isRebuilt: true });
    expect(others[0]!.nearest.map(({ latent }) => latent)).toEqual([1, 0, 2]);
    expect(others[0]!.nearest[0]!.cosine).toBeCloseTo(1, 6);
    expect(others[0]!.rebuilt).toHaveLength(1);
    expect(others[0]!.rebuiltNull[0]!).toBeLessThan(1);
  });

  test("as a sum of two is rebuilt by both, the larger part first", async () => {
    const root = temporaryFolder();
    const names = [await saved(root, "a", [0, 3, 4]), await saved(root, "b", ...AXES)];
    const [other] = (await compareLatent(reference, { names, latent: "a:0" })).others;
    expect(other!.rebuilt.map(({ atom }) => atom)).toEqual([2, 1]);
    expect(other!.rebuilt[0]!.cosine).toBeCloseTo(0.8, 6);
    // Three random cosines in three dimensions have a mean largest of one half.
    expect(other!.nearestNull).toBeCloseTo(0.5, 4);
  });

  test("with the other sign is rebuilt, though its nearest cosine is not", async () => {
    const root = temporaryFolder();
    const names = [await saved(root, "a", [-1, 0, 0]), await saved(root, "b", ...AXES)];
    const [other] = (await compareLatent(reference, { names, latent: "0" })).others;
    expect(other!.nearest[0]!.cosine).toBeCloseTo(0, 6);
    expect(other!.isRebuilt).toBe(true);
    expect(other!.rebuilt[0]!.atom).toBe(0);
  });
});

test("a latent outside the other's span is not rebuilt by all of its atoms", async () => {
  const root = temporaryFolder();
  const names = [await saved(root, "a", [0, 0, 1]), await saved(root, "b", AXES[0], AXES[1])];
  const [other] = (await compareLatent(reference, { names, latent: "0" })).others;
  expect(other).toMatchObject({ isRebuilt: false });
  expect(other!.rebuilt).toHaveLength(2);
  expect(other!.rebuilt.at(-1)!.cosine).toBeCloseTo(0, 3);
});

test("at most five nearest atoms are listed, equal ones by their place", async () => {
  const root = temporaryFolder();
  const twins = Array.from({ length: 8 }, () => [0, 1]);
  const names = [await saved(root, "a", [0, 1]), await saved(root, "b", [1, 0], ...twins)];
  const [other] = (await compareLatent(reference, { names, latent: "0" })).others;
  expect(other!.nearest.map(({ latent }) => latent)).toEqual([1, 2, 3, 4, 5]);
});

test("one dimension has no null of the nearest cosine, and JSON says null", async () => {
  const root = temporaryFolder();
  const names = [await saved(root, "a", [2]), await saved(root, "b", [-1], [1])];
  const found = await compareLatent(reference, { names, latent: "0" });
  expect(found.others[0]!.nearestNull).toBeUndefined();
  expect(latentJson(found).others[0]).toMatchObject({
    name: "b",
    d_sae: 2,
    nearest: [
      { latent: 1, cosine: 1 },
      { latent: 0, cosine: -1 },
    ],
    nearest_null: null,
    is_rebuilt: true,
  });
});

test("JSON names the latent, what reaches as rebuilt, and whom it was not compared with", async () => {
  const root = temporaryFolder();
  const names = [
    await saved(root, "a", ...AXES),
    await saved(root, "b", ...AXES),
    await saved(root, "flat", [1, 0]),
  ];
  const json = latentJson(await compareLatent(reference, { names, latent: "b:2" }));
  expect(json).toMatchObject({
    sae: "b",
    latent: 2,
    rebuilt_from: 0.95,
    skipped: ["flat"],
    left_out: [],
  });
  expect(json.others.map(({ name }) => name)).toEqual(["a"]);
  expect(json.others[0]!.rebuilt).toEqual([{ latent: 2, cosine: expect.closeTo(1, 4) }]);
});

describe("a latent that is not there is refused", () => {
  test.each([
    ["3", "a has the latents 0 to 2, not 3."],
    ["b:7", "b has the latents 0 to 2, not 7."],
    ["c:0", "--latent names c, which is not one of the SAEs."],
    ["-1", "Expected a latent as 17 or SAE:17 for --latent but received -1."],
    ["a:", "Expected a latent as 17 or SAE:17"],
    ["1.5", "Expected a latent as 17 or SAE:17"],
    ["", "Expected a latent as 17 or SAE:17"],
  ])("%j", async (latent, words) => {
    const root = temporaryFolder();
    const names = [await saved(root, "a", ...AXES), await saved(root, "b", ...AXES)];
    await expect(compareLatent(reference, { names, latent })).rejects.toMatchObject({
      code: "argument/invalid",
      message: expect.stringContaining(words),
    });
  });

  test("because its atom is zero", async () => {
    const root = temporaryFolder();
    const names = [await saved(root, "a", AXES[0], [0, 0, 0]), await saved(root, "b", ...AXES)];
    await expect(compareLatent(reference, { names, latent: "1" })).rejects.toThrow(
      "The decoder row of latent 1 of a is zero, so it has no direction.",
    );
    // A zero atom on the other side is one that fits nothing.
    const back = await compareLatent(reference, { names, latent: "b:0" });
    expect(back.others[0]!.rebuilt.map(({ atom }) => atom)).toEqual([0]);
  });
});

test("what the pause throws ends the comparison", async () => {
  const root = temporaryFolder();
  const names = [await saved(root, "a", ...AXES), await saved(root, "b", ...AXES)];
  const pause = () => Promise.reject(new Error("stopped"));
  await expect(compareLatent(reference, { names, latent: "0", pause })).rejects.toThrow("stopped");
});
