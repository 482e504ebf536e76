/** Damaged pictures and labels: pixels of the size that was promised, or a refusal in one line. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { expect, test } from "vitest";
import { decodePicture } from "../../src/domains/images/pictures/decode.ts";
import { openHdf5Pictures } from "../../src/domains/images/pictures/hdf5-pictures.ts";
import { readLabels } from "../../src/domains/images/pictures/labels.ts";
import { openNpyPictures } from "../../src/domains/images/pictures/npy-pictures.ts";
import { openParquetPictures } from "../../src/domains/images/pictures/parquet-pictures.ts";
import { readIdx } from "../../src/formats/idx.ts";
import { encodePng } from "../../src/formats/png.ts";
import { drawnBytes, writeHdf5, writePictures } from "../support/pictures.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { damaged } from "./damaged.ts";
import { survives } from "./survives.ts";

/** `CONCORD_FUZZ=100000 npx vitest run test/fuzz/pictures.test.ts` tries that many of each. */
const COUNT = Number(process.env["CONCORD_FUZZ"] ?? 60);
const TIMEOUT = 20_000 + COUNT * 20;

/** A file that is written for every input. */
function fileOf(name: string): { path: string; write: (bytes: Uint8Array) => string } {
  const path = join(temporaryFolder(), name);
  return {
    path,
    write(bytes) {
      writeFileSync(path, bytes);
      return path;
    },
  };
}

test("PNG and JPEG", { timeout: TIMEOUT }, async () => {
  const pixels = drawnBytes(9 * 11 * 3);
  const raw = { width: 11, height: 9, channels: 3 } as const;
  const png = Buffer.from(encodePng(pixels, 9, 11, 3));
  const jpeg = await sharp(pixels, { raw }).jpeg().toBuffer();
  const survival = await survives(
    damaged(
      [
        ["a.png", png],
        ["a.jpg", jpeg],
      ],
      2 * COUNT,
    ),
    async (bytes) => {
      const { size, pixels: decoded } = await decodePicture(bytes, "a picture");
      expect(decoded.length).toBe(size[0] * size[1] * size[2]);
    },
  );
  expect(survival.parsed).toBeGreaterThan(COUNT / 50);
  expect(survival.refused).toBeGreaterThan(COUNT / 2);
});

test("IDX", { timeout: TIMEOUT }, async () => {
  const head = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 5);
  const whole = Buffer.concat([head, drawnBytes(40)]);
  const { write } = fileOf("x-idx3-ubyte");
  const seeds = [["x", whole] as const, ["x.gz", gzipSync(whole)] as const];
  const survival = await survives(damaged(seeds, COUNT), async (bytes) => {
    const { shape, data } = await readIdx(write(bytes), 2 ** 20);
    expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
  });
  expect(survival.parsed).toBeGreaterThan(COUNT / 20);
  expect(survival.refused).toBeGreaterThan(COUNT / 2);
});

test(".npy of pictures, and labels as .csv", { timeout: TIMEOUT }, async () => {
  const npy = fileOf("x.npy");
  writePictures(npy.path, [3, 4, 5]);
  const seeds = [["x.npy", readFileSync(npy.path)] as const];
  const survival = await survives(damaged(seeds, COUNT), async (bytes) => {
    const set = await openNpyPictures(npy.write(bytes));
    try {
      expect((await set.read([0])).length).toBe(set.size[0] * set.size[1] * set.size[2]);
    } finally {
      await set.close();
    }
  });
  expect(survival.refused).toBeGreaterThan(COUNT / 20);
  const csv = fileOf("labels.csv");
  const text = Buffer.from('file,class\na.png,"x, y"\nb.png,z\n');
  const names = ["a.png", "b.png"];
  const labels = await survives(damaged([["labels.csv", text]], COUNT), async (bytes) => {
    expect((await readLabels(csv.write(bytes), names)).of).toHaveLength(2);
  });
  expect(labels.parsed).toBeGreaterThan(COUNT / 20);
  expect(labels.refused).toBeGreaterThan(COUNT / 20);
});

test("Parquet of pictures", { timeout: TIMEOUT }, async () => {
  const whole = readFileSync(join(import.meta.dirname, "../golden/images/pictures.parquet"));
  const { write } = fileOf("x.parquet");
  const survival = await survives(damaged([["x.parquet", whole]], COUNT), async (bytes) => {
    const set = await openParquetPictures(write(bytes), {}, {});
    expect((await set.read([0])).length).toBe(set.size[0] * set.size[1] * set.size[2]);
    await set.close();
  });
  expect(survival.parsed).toBeGreaterThan(COUNT / 50);
  expect(survival.refused).toBeGreaterThan(COUNT / 20);
});

test("HDF5 of pictures", { timeout: TIMEOUT }, async () => {
  const { path, write } = fileOf("x.hdf5");
  await writeHdf5(path, {
    images: { data: drawnBytes(240), shape: [4, 4, 5, 3], dtype: "<B", chunks: [2, 4, 5, 3] },
    labels: { data: Int32Array.of(0, 1, 1, 0), shape: [4], dtype: "<i" },
  });
  const whole = readFileSync(path);
  const survival = await survives(damaged([["x.hdf5", whole]], COUNT), async (bytes) => {
    const set = await openHdf5Pictures(write(bytes), {});
    try {
      expect((await set.read([0])).length).toBe(set.size[0] * set.size[1] * set.size[2]);
    } finally {
      await set.close();
    }
  });
  expect(survival.parsed).toBeGreaterThan(COUNT / 50);
  expect(survival.refused).toBeGreaterThan(COUNT / 20);
});
