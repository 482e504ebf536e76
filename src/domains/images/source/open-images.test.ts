import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  FEATURES,
  imagesConfig,
  imagesContext,
  writeModel,
  writePictures,
  writePng,
} from "../../../../test/support/pictures.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { tensor } from "../../../base/tensor.ts";
import type { ConcordError } from "../../../errors.ts";
import { serializeNpy } from "../../../formats/npy.ts";
import type { SourceProgress } from "../../../sources/source-kind.ts";
import { openKeptPictures } from "./kept-pictures.ts";
import { openImages } from "./open-images.ts";
import { planImages } from "./plan-images.ts";

const COUNT = 12;
const SIDE = 4;

/** A folder with pictures [12, 4, 4], and what opens them with some keys. */
function picturesFolder(channels = 1) {
  const folder = temporaryFolder();
  const shape = channels === 1 ? [COUNT, SIDE, SIDE] : [COUNT, SIDE, SIDE, channels];
  const pixels = writePictures(join(folder, "x.npy"), shape);
  const open = (keys: Readonly<Record<string, unknown>> = {}) =>
    openImages(imagesConfig({ pictures: "x.npy", ...keys }), imagesContext(folder));
  return { folder, pixels, open };
}

type Opened = Awaited<ReturnType<typeof openImages>>;

/** All rows, those to train on in the order of a pass. */
async function rowsOf({ dIn, train, heldOut }: Opened) {
  const trained = new Float32Array(train.rowsPerPass! * dIn);
  await train.next(trained);
  const held = new Float32Array(heldOut.rows * dIn);
  await heldOut.read(0, held);
  return { trained, held };
}

const keysOf = (rows: Float32Array, dIn: number) =>
  Array.from({ length: rows.length / dIn }, (_, i) =>
    [...rows.subarray(i * dIn, (i + 1) * dIn)].map((v) => Math.round(255 * v)).join(),
  );

describe("rows of pixels", () => {
  test("are all pictures, once, in a fixed order that is not that of the file", async () => {
    const { pixels, open } = picturesFolder();
    const source = await open();
    const { trained, held } = await rowsOf(source);
    const all = [...keysOf(trained, 16), ...keysOf(held, 16)];
    const wanted = Array.from({ length: COUNT }, (_, i) =>
      [...pixels.subarray(16 * i, 16 * i + 16)].join(),
    );
    expect(all.toSorted()).toEqual(wanted.toSorted());
    const kept = await openKeptPictures(source.store!.folder);
    expect(kept!.facts.names).not.toEqual(kept!.facts.names.toSorted());
    // The order is the config's alone: another seed holds out the same pictures.
    const other = await open({ seed: 5 });
    expect(keysOf((await rowsOf(other)).held, 16)).toEqual(keysOf(held, 16));
    await Promise.all([source.close(), other.close(), kept!.close()]);
  });

  test("are scaled by channel, in the order asked for", async () => {
    const { open } = picturesFolder(3);
    const plain = await open();
    const source = await open({ mean: [0.1, 0.2, 0.3], std: [1, 2, 4], channel_order: "bgr" });
    const [a, b] = [(await rowsOf(plain)).held, (await rowsOf(source)).held];
    expect(b[0]).toBeCloseTo((a[2]! - 0.3) / 4, 6);
    expect(b[1]).toBeCloseTo((a[1]! - 0.2) / 2, 6);
    expect(b[2]).toBeCloseTo(a[0]! - 0.1, 6);
    expect(source.provenance).toMatchObject({
      kind: "images",
      pictures: COUNT,
      preprocessing: { mean: [0.1, 0.2, 0.3], std: [1, 2, 4], channelOrder: "bgr" },
    });
    await expect(open({ mean: [0, 1] })).rejects.toThrow(
      "source.mean has 2 numbers, but pictures have 3 channels.",
    );
    await Promise.all([plain.close(), source.close()]);
  });

  test("are collected once for the same content, wherever it lies", async () => {
    const { folder, open } = picturesFolder();
    await (await open()).close();
    const stores = () => readdirSync(join(folder, "cache", "activations"));
    await (await open({ held_out_fraction: 0.3, order_seed: 4 })).close();
    expect(stores()).toHaveLength(1);
    await (await open({ color: "rgb" })).close();
    expect(stores()).toHaveLength(2);
    writePictures(join(folder, "x.npy"), [COUNT, SIDE, SIDE + 1]);
    await (await open()).close();
    expect(stores()).toHaveLength(3);
  });
});

describe("a group", () => {
  test("gives whole orbits that its matrices move, in training and held out", async () => {
    const { open } = picturesFolder();
    const source = await open({ group: "c4" });
    const { matrices, size, isExact, group } = source.symmetry!;
    expect({ size, isExact, group }).toEqual({ size: 4, isExact: true, group: "c4" });
    const { trained, held } = await rowsOf(source);
    const d = source.dIn;
    for (const rows of [trained, held])
      for (let orbit = 0; orbit < rows.length / (4 * d); orbit++)
        for (let k = 0; k < 4; k++)
          for (let i = 0; i < d; i++) {
            const first = rows.subarray(orbit * 4 * d, orbit * 4 * d + d);
            const moved = first.reduce((s, v, j) => s + matrices[(k * d + i) * d + j]! * v, 0);
            expect(rows[(orbit * 4 + k) * d + i]).toBeCloseTo(moved, 6);
          }
    expect(trained.length + held.length).toBe(4 * COUNT * d);
    expect(source.memoryBytes).toBeGreaterThan(matrices.byteLength);
    await source.close();
  });

  test("that does not act, or whose keys say nothing, is refused in one line", async () => {
    const { folder, open } = picturesFolder();
    writePictures(join(folder, "wide.npy"), [3, 4, 6]);
    await expect(open({ pictures: "wide.npy", group: "c4" })).rejects.toThrow(
      /c4 does not act on pictures of 4 × 6/,
    );
    await expect(open({ group: "c4", steps: 2 })).rejects.toThrow(/source\.steps is for/);
    await expect(open({ rows: "positions" })).rejects.toThrow(
      "source.rows has no effect without source.model.",
    );
  });
});

describe("rows of a model", () => {
  const modelFolder = (batch?: number) => {
    const made = picturesFolder();
    writeModel(join(made.folder, "m.onnx"), SIDE, batch);
    return made;
  };

  test("are a tensor's means, or one row for each position", async () => {
    const { open } = modelFolder();
    const keys = { model: "m.onnx", tensor: "features" };
    const mean = await open({ ...keys, held_out_rows: 1 });
    const pooled = await open({ ...keys, tensor: "pooled", held_out_rows: 1 });
    const places = await open({ ...keys, rows: "positions", held_out_rows: 4 });
    expect([mean.dIn, pooled.dIn, places.dIn]).toEqual([FEATURES, FEATURES, FEATURES]);
    const [a, b, c] = [await rowsOf(mean), await rowsOf(pooled), await rowsOf(places)];
    expect(places.heldOut.rows).toBe(4 * mean.heldOut.rows);
    for (let i = 0; i < a.held.length; i++) {
      expect(a.held[i]).toBeCloseTo(b.held[i]!, 5);
      const [picture, channel] = [Math.floor(i / FEATURES), i % FEATURES];
      const four = [0, 1, 2, 3].map((p) => c.held[(picture * 4 + p) * FEATURES + channel]!);
      expect(a.held[i]).toBeCloseTo(four.reduce((s, v) => s + v, 0) / 4, 5);
    }
    expect(places.provenance).toMatchObject({ model: "m.onnx", positions: [2, 2] });
    await Promise.all([mean.close(), pooled.close(), places.close()]);
  });

  test("are the same where it insists on a batch", async () => {
    const [free, fixed] = [modelFolder(), modelFolder(5)];
    const keys = { model: "m.onnx", tensor: "features" };
    const [a, b] = [await free.open(keys), await fixed.open(keys)];
    const [rows, others] = [(await rowsOf(a)).held, (await rowsOf(b)).held];
    for (const [i, value] of rows.entries()) expect(others[i]).toBeCloseTo(value, 5);
    await Promise.all([a.close(), b.close()]);
  });

  test("are refused where the tensor or the size is not the model's", async () => {
    const { folder, open } = modelFolder();
    const missing = open({ model: "m.onnx", tensor: "layer9" });
    await expect(missing).rejects.toMatchObject({
      message: 'm.onnx has no tensor "layer9".',
      hint: expect.stringMatching(/^Its tensors: .*features, .*pooled\.$/),
    });
    await expect(open({ model: "m.onnx" })).rejects.toThrow(/source\.model needs source\.tensor/);
    writePictures(join(folder, "big.npy"), [3, 6, 6]);
    const wrong = open({ pictures: "big.npy", model: "m.onnx", tensor: "features" });
    await expect(wrong).rejects.toThrow(
      'm.onnx takes pictures [1, 4, 4] at "pictures", but these are [1, 6, 6] (channels, height, width).',
    );
    await expect(open({ model: "none.onnx", tensor: "x" })).rejects.toMatchObject({
      code: "file/missing",
    });
  });
});

test("a single class is said, and so is a single picture", async () => {
  const { folder, open } = picturesFolder();
  const labels = tensor("int32", [COUNT], new Int32Array(COUNT).fill(7));
  writeFileSync(join(folder, "y.npy"), serializeNpy(labels));
  const source = await open({ labels: "y.npy" });
  expect(source.notices).toEqual([expect.stringMatching(/^All pictures are of one class, 7:/)]);
  await source.close();
  writePng(join(folder, "one", "a.png"), 4, 4);
  await expect(open({ pictures: "one" })).rejects.toThrow(/There is 1 picture; at least 2/);
});

test("a plan says what collecting and serving take, and writes nothing", async () => {
  const { folder } = picturesFolder();
  const source = imagesConfig({ pictures: "x.npy", group: "c4" });
  let milliseconds = 0;
  const context = {
    ...imagesContext(folder),
    clock: () => milliseconds++,
    residentMemory: () => 0,
  };
  const open = () => openImages(source, context);
  const before = await planImages(source, context, open);
  expect(readdirSync(folder)).toEqual(["x.npy"]);
  expect(before.collect).toMatchObject({ rows: 4 * COUNT });
  const opened = await open();
  const after = await planImages(source, context, open);
  expect(before.facts).toMatchObject({ dIn: 16, describingBytes: expect.any(Number) });
  expect(after.facts.describingBytes).toBe(before.facts.describingBytes);
  expect(after.collect).toBeUndefined();
  expect(after.facts.heldOutRows).toBeGreaterThanOrEqual(before.facts.heldOutRows);
  await Promise.all([opened.close(), after.source!.close()]);
});

test("an interrupted collection continues to the same bytes", async () => {
  const { folder, open } = picturesFolder();
  // Eight poses: two pieces of pictures.
  const keys = { pictures: "x.npy", group: "d4" };
  const controller = new AbortController();
  const pieces: number[] = [];
  const context = {
    ...imagesContext(folder),
    signal: controller.signal,
    onProgress: ({ what, done }: SourceProgress) => {
      if (what !== "collecting pictures") return;
      pieces.push(done);
      controller.abort();
    },
  };
  const stopped = await openImages(imagesConfig(keys), context).catch((e: ConcordError) => e);
  expect(stopped).toMatchObject({ code: "interrupted" });
  expect(pieces).toEqual([8]);
  const [continued, whole] = [await open(keys), await picturesFolder().open(keys)];
  expect(continued.provenance.digest).toBe(whole.provenance.digest);
  await Promise.all([continued.close(), whole.close()]);
});

test("activations move by matrices that are fitted, measured and kept", async () => {
  const { folder, open } = picturesFolder();
  writeModel(join(folder, "m.onnx"), SIDE);
  const keys = { model: "m.onnx", tensor: "pooled", group: "flip", held_out_rows: 8 };
  const source = await open(keys);
  expect(source.symmetry).toMatchObject({ group: "flip", size: 2, isExact: false });
  expect(source.symmetry!.matrices).toHaveLength(2 * FEATURES ** 2);
  expect(source.notices![0]).toMatch(
    /^flip on activations: R² of fitted matrices on 4 held-out orbits: f -?\d\.\d\d; f: /,
  );
  expect(source.provenance["action"]).toMatchObject({ group: "flip", size: 2, orbits: 4 });
  const kept = () =>
    readdirSync(source.store!.folder).filter((name) => /^symmetry-.*safetensors$/.test(name));
  expect(kept()).toHaveLength(1);
  const again = await open(keys);
  expect(again.symmetry!.matrices).toEqual(source.symmetry!.matrices);
  expect(kept()).toHaveLength(1);
  const other = await open({ ...keys, fit: { of: "elements" } });
  expect(kept()).toHaveLength(2);
  await Promise.all([source.close(), again.close(), other.close()]);
});

test("a batch that is not whole orbits can be refused before a row is made", async () => {
  const folder = temporaryFolder();
  writePictures(join(folder, "x.npy"), [COUNT, SIDE, SIDE]);
  const told: unknown[] = [];
  const onOrbits = (orbits: unknown): never => {
    told.push(orbits);
    throw new Error("not whole");
  };
  const source = imagesConfig({ pictures: "x.npy", group: "d4" });
  await expect(openImages(source, { ...imagesContext(folder), onOrbits })).rejects.toThrow(
    "not whole",
  );
  expect(told).toEqual([{ group: "d4", size: 8 }]);
  expect(readdirSync(folder)).toEqual(["x.npy"]);
});
