import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { reference } from "../../../../test/support/backends.ts";
import {
  FEATURES,
  imagesConfig,
  imagesContext,
  writeModel,
  writePictures,
} from "../../../../test/support/pictures.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { tensor } from "../../../base/tensor.ts";
import { dictionaryOf } from "../../../consistency/matching/dictionary.ts";
import { lookThrough } from "../../../evidence/look-through.ts";
import { nearestAtoms } from "../../../evidence/nearest-atoms.ts";
import { serializeNpy } from "../../../formats/npy.ts";
import type { Sae } from "../../../sae/sae.ts";
import type { Source } from "../../../sources/source.ts";
import type { EvidenceMaker } from "../../evidence-maker.ts";
import { openImages } from "../source/open-images.ts";
import { makePictureEvidence } from "./evidence.ts";
import { pictureRowDescriber } from "./picture-rows.ts";

const COUNT = 40;
const SIDE = 4;

/** Pictures of 4 × 4 whose first pixel is bright in class 1 (half of them), and nothing else is. */
function folderOf(labels?: readonly number[]): string {
  const folder = temporaryFolder();
  const pixels = new Uint8Array(COUNT * SIDE * SIDE);
  for (let i = 0; i < COUNT; i++) pixels[i * SIDE * SIDE + (i % 2 === 1 ? 0 : 5)] = 200 + i;
  writeFileSync(join(folder, "x.npy"), serializeNpy(tensor("uint8", [COUNT, SIDE, SIDE], pixels)));
  const of = Int32Array.from({ length: COUNT }, (_, i) => labels?.[i] ?? i % 2);
  writeFileSync(join(folder, "y.npy"), serializeNpy(tensor("int32", [COUNT], of)));
  return folder;
}

const KEYS = { pictures: "x.npy", labels: "y.npy", held_out_rows: 20 };

const openSource = (folder: string, keys: Readonly<Record<string, unknown>> = {}) =>
  openImages(imagesConfig({ ...KEYS, ...keys }), imagesContext(folder));

async function makerOf(source: Source): Promise<EvidenceMaker> {
  const made = await makePictureEvidence(source, { backend: reference, most: 1000 });
  if ("cannot" in made) throw new Error(made.cannot);
  return made;
}

/** An SAE whose latent i is the pixel i. */
function pixelSae(dIn: number): Sae {
  const decoder = new Float32Array(dIn * dIn);
  for (let i = 0; i < dIn; i++) decoder[i * dIn + i] = 1;
  return {
    architecture: "topk",
    selection: { kind: "topk", k: 1, relu: true },
    dIn,
    dSae: dIn,
    encoder: decoder,
    decoder,
    encoderBias: new Float32Array(dIn),
    decoderBias: undefined,
  };
}

async function described(maker: EvidenceMaker) {
  const sae = pixelSae(maker.rows.dIn);
  const atoms = await dictionaryOf(reference, sae.decoder, sae.dSae, sae.dIn);
  const nearest = await nearestAtoms(reference, atoms, 2);
  const { seen } = await lookThrough(reference, maker.rows, [{ sae, nearest }], {
    pairs: [],
    around: 0,
    seed: 0,
    pause: async () => {},
    onRows: () => {},
  });
  return maker.describe({ name: "a", sae, seen: seen[0]! }, async () => {});
}

/** What is said of some rows. */
async function rowsOf(maker: EvidenceMaker, rows: readonly number[]) {
  const tensors = await maker.rowTensors(Int32Array.from(rows));
  const describer = await pictureRowDescriber({
    facts: maker.facts,
    read: async (name) => tensors.get(name)!,
    elements: async (name, start, count) =>
      Float32Array.from((tensors.get(name)!.data as Uint8Array).subarray(start, start + count)),
  });
  return Promise.all(rows.map((row) => describer.describe(row, [], new Map())));
}

test("a latent is named by the class of its strongest pictures, beside the class's share", async () => {
  const source = await openSource(folderOf(), { class_names: ["even", "odd"] });
  const maker = await makerOf(source);
  const { latents } = await described(maker);
  expect(latents[0]!.label).toMatch(/^mostly class 1: odd, (\d+) of \1 \(\d\d % of all\)$/);
  expect(latents[0]!.rules[0]).toMatchObject({
    kind: "class",
    text: "class 1: odd",
    precision: 1,
    recall: 1,
  });
  expect(latents[5]!.label).toMatch(/^mostly class 0: even/);
  expect(latents[2]!.label).toBe("");
  expect(maker.leftOut).toEqual([]);
  const strip = await maker.strip!([0, 1, 2]);
  expect(strip).toMatchObject({ width: 3 * 32 + 4, height: 32 });
  await maker.close();
  await source.close();
});

test("a row is its picture, by name and class, in its pose", async () => {
  const source = await openSource(folderOf(), { group: "c4", held_out_rows: 8 });
  const maker = await makerOf(source);
  const rows = await rowsOf(maker, [0, 1, 4]);
  for (const { where, svg } of rows) {
    expect(where).toMatch(/^x\.npy, picture \d+, class [01], pose (e|r|r²|r³) of c4$/);
    expect(svg).toMatch(/<image href="data:image\/png;base64,[A-Za-z0-9+/=]+"/);
    expect(svg).not.toContain("#ffd000");
  }
  expect(rows.map(({ group }) => group)[0]).toBe(rows[1]!.group);
  expect(rows[0]!.svg).not.toBe(rows[1]!.svg);
  expect(rows[2]!.group).not.toBe(rows[0]!.group);
  expect(maker.rows.groups).toBeDefined();
  await maker.close();
  await source.close();
});

test("with one row per position the place is marked", async () => {
  const folder = folderOf();
  writeModel(join(folder, "m.onnx"), SIDE);
  const keys = { model: "m.onnx", tensor: "features", rows: "positions" };
  const source = await openSource(folder, keys);
  expect(source.dIn).toBe(FEATURES);
  const maker = await makerOf(source);
  const [first, last] = await rowsOf(maker, [0, 3]);
  expect(first!.where).toMatch(/, row 1, column 1 of 2 × 2$/);
  expect(last!.where).toMatch(/, row 2, column 2 of 2 × 2$/);
  expect(last!.svg).toMatch(/<rect x="48" y="48" width="48" height="48" [^>]*#ffd000/);
  await maker.close();
  await source.close();
});

test("what cannot be said is said: no classes, one class, pictures that are not there", async () => {
  const folder = folderOf(new Array<number>(COUNT).fill(3));
  const one = await openSource(folder);
  const maker = await makerOf(one);
  expect(maker.leftOut).toEqual([expect.stringMatching(/^All pictures are of one class/)]);
  expect((await described(maker)).latents.every(({ label }) => label === "")).toBe(true);
  await maker.close();
  writePictures(join(folder, "z.npy"), [4, 3, 3]);
  const none = await openSource(folder, { pictures: "z.npy", labels: undefined, held_out_rows: 1 });
  const second = await makerOf(none);
  expect(second.leftOut).toEqual([expect.stringMatching(/have no classes/)]);
  await second.close();
  const { store: _, ...elsewhere } = none;
  expect(await makePictureEvidence(elsewhere, { backend: reference, most: 9 })).toEqual({
    cannot: "Their store does not have the pictures that they are of.",
  });
  await Promise.all([one.close(), none.close()]);
});
