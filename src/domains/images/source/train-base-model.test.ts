/** A config whose model is an autoencoder: trained once, then collected from like any model. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { imagesContext, writePictures } from "../../../../test/support/pictures.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { camelKeys } from "../../../formats/key-case.ts";
import { openNpy } from "../../../formats/npy.ts";
import type { SourceProgress } from "../../../sources/source-kind.ts";
import { imagesSource } from "../schema.ts";
import { openImages } from "./open-images.ts";
import { planImages } from "./plan-images.ts";

const AUTOENCODER = { autoencoder: "mlp", latent: 4, epochs: 2, batch: 4 } as const;

/** Twenty pictures of 8 × 8, and what opens or plans them with some keys. */
function picturesFolder(shape: readonly number[] = [20, 8, 8]) {
  const folder = temporaryFolder();
  writePictures(join(folder, "x.npy"), shape);
  const seen: SourceProgress[] = [];
  const context = { ...imagesContext(folder), onProgress: (p: SourceProgress) => seen.push(p) };
  const config = (keys: object) =>
    camelKeys(
      imagesSource.parse({ kind: "images", pictures: "x.npy", model: AUTOENCODER, ...keys }),
    );
  const trained = () => join(context.cacheDir, "autoencoders");
  return {
    seen,
    trained,
    open: (keys: object = {}) => openImages(config(keys), context),
    plan: (keys: object = {}) =>
      planImages(config(keys), { ...context, clock: () => 0, residentMemory: () => 0 }, () => {
        throw new Error("nothing is there yet");
      }),
  };
}

test("it is trained once, on pictures that are not held out, and rows are its latents", async () => {
  const { open, plan, trained, seen } = picturesFolder();
  const keys = { group: "c4", held_out_fraction: 0.2, dtype: "float32" };
  const planned = await plan(keys);
  expect(planned.facts).toMatchObject({ dIn: 4, rowsPerPass: 64, heldOutRows: 16 });
  const source = await open(keys);
  expect(source).toMatchObject({ dIn: 4, symmetry: { size: 4, isExact: false } });
  expect(source.heldOut.rows).toBe(16);
  expect(source.provenance).toMatchObject({ tensor: "latent", autoencoder: AUTOENCODER });
  const [name] = readdirSync(trained());
  const facts = JSON.parse(readFileSync(join(trained(), name!, "autoencoder.json"), "utf8"));
  expect(facts.training_pictures).toBe(16);
  expect(facts.losses).toHaveLength(2);
  expect(facts.held_out_fvu).toBeGreaterThan(0);
  const training = () => seen.filter(({ what }) => what.startsWith("training")).length;
  expect(training()).toBe(8);
  await source.close();
  await (await open({ ...keys, tasks_of: "canonical" })).close();
  expect(training()).toBe(8);
  await (await open({ ...keys, held_out_fraction: 0.4 })).close();
  expect(readdirSync(trained())).toHaveLength(2);
});

test("answers are those of each pose, or of the canonical one", async () => {
  const { open } = picturesFolder();
  const pictures = { made: "shapes", count: 12, size: 16 };
  const keys = { pictures, group: "c4", dtype: "float32", model: undefined };
  const source = await open({ ...keys, resize: [8, 8] });
  const { tasks, things, values } = (await source.labels!())!;
  expect([tasks.length, things]).toEqual([180, 48]);
  const whole = await open({ ...keys, resize: [8, 8], tasks_of: "canonical" });
  const canonical = (await whole.labels!())!;
  expect(canonical.things).toBe(12);
  const file = await openNpy(join(source.store!.folder, "labels.npy"));
  const { data } = await file.read();
  await file.close();
  expect([...canonical.values]).toEqual([...(data as Uint8Array)]);
  const rowOf = (of: Uint8Array, i: number) => of.subarray(180 * i, 180 * (i + 1));
  for (let picture = 0; picture < 12; picture++) {
    const upright = rowOf(canonical.values, picture);
    expect(rowOf(values, 4 * picture)).toEqual(upright);
    for (let pose = 1; pose < 4; pose++) {
      const seen = rowOf(values, 4 * picture + pose);
      const count = (of: Uint8Array) => of.reduce((sum, answer) => sum + answer, 0);
      expect(count(seen)).toBe(count(upright));
      const invariant = tasks.flatMap((task, t) => (task.class === "invariant" ? [t] : []));
      expect(invariant.map((t) => seen[t])).toEqual(invariant.map((t) => upright[t]));
    }
  }
  await source.close();
  await whole.close();
});

test("what would be trained on other numbers than it sees is refused", async () => {
  const { open } = picturesFolder();
  const unscaled = "do not apply to an autoencoder, which takes pixels from 0 to 1";
  await expect(open({ mean: 0.5 })).rejects.toThrow(unscaled);
  await expect(open({ std: [0.5] })).rejects.toThrow(unscaled);
  await expect(open({ channel_order: "bgr" })).rejects.toThrow(unscaled);
  const missing = open({ tensor: "relu_3" });
  await expect(missing).rejects.toThrow('an autoencoder has no tensor "relu_3"');
  const few = open({ model: { ...AUTOENCODER, batch: 64 } });
  await expect(few).rejects.toThrow("There are 18 pictures to train the autoencoder on");
  const wide = picturesFolder([20, 8, 4]);
  await expect(wide.open()).rejects.toThrow("Autoencoders take square pictures; these are 8 × 4.");
});
