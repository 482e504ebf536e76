/** Folders of SAEs whose encoder is more than one matrix: what is not right in one is named. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { float32Tensor } from "../base/tensor.ts";
import { writeSafetensors } from "../formats/safetensors-file.ts";
import { createPopulation } from "../population/create-population.ts";
import { OWN_WEIGHTS_FILE } from "./own-folder.ts";
import { loadSae, saeFiles, saveSae } from "./saelens.ts";

/** A folder of `topk_mlp`, its cfg.json changed. */
async function folderWith(changes: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = temporaryFolder();
  const population = await createPopulation(reference, {
    architecture: "topk_mlp",
    dIn: 4,
    dSae: 6,
    k: 2,
    hiddenDim: 5,
    batch: 8,
    seeds: [0],
  });
  await saveSae(folder, population.members[0]!.sae.inference());
  const file = join(folder, "cfg.json");
  const config = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...config, ...changes }));
  return folder;
}

test("the folder has a file that no other program takes for an SAE, and says how rows are normalised", async () => {
  const folder = await folderWith({ normalize_rows: { factor: 2 } });
  expect(saeFiles(folder).map((file) => file.slice(folder.length + 1))).toEqual([
    "cfg.json",
    OWN_WEIGHTS_FILE,
  ]);
  const sae = await loadSae(reference, folder);
  expect(sae.rowNormalization).toEqual({ factor: 2 });
  expect([...sae.ownEncoder!.tensors.keys()].sort()).toEqual(
    ["W_1", "W_2", "b_1", "b_dec", "b_enc", "decoder"].sort(),
  );
});

test.each<[string, Readonly<Record<string, unknown>>]>([
  ['but found "concord" and "own"', { architecture: "own" }],
  ["has keys that are not known: scaling", { scaling: 2 }],
  ["expected a positive integer for d_sae", { d_sae: 0 }],
  ["expected none, layer_norm", { normalize_rows: { factor: -1 } }],
  ["expected an object for options", { options: 3 }],
  ["options are not those of architecture", { options: { k: 2 } }],
  ["topk_mlp has [6, 5] for decoder, but the saved SAE has [6, 4]", { d_in: 5 }],
])("a folder is refused: %s", async (message, changes) => {
  await expect(loadSae(reference, await folderWith(changes))).rejects.toThrow(message);
});

test("tensors that are missing or not finite are named", async () => {
  const folder = await folderWith({});
  const bad = new Map([["decoder", float32Tensor([1], Float32Array.of(Number.NaN))]]);
  await writeSafetensors(join(folder, OWN_WEIGHTS_FILE), bad);
  await expect(loadSae(reference, folder)).rejects.toThrow("decoder is not float32, or holds");
  await writeSafetensors(join(folder, OWN_WEIGHTS_FILE), new Map());
  await expect(loadSae(reference, folder)).rejects.toThrow("but the saved SAE has none");
});
