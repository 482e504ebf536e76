import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  drawnBytes,
  imagesConfig,
  writeHdf5,
  writePictures,
  writePng,
} from "../../../../test/support/pictures.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import { tensor } from "../../../base/tensor.ts";
import { serializeNpy } from "../../../formats/npy.ts";
import { openPictures } from "./open-pictures.ts";

async function open(folder: string, keys: Readonly<Record<string, unknown>>) {
  const set = await openPictures(imagesConfig(keys), folder);
  onTestFinished(() => set.close());
  return set;
}

const idx = (shape: readonly number[], data: Uint8Array) => {
  const head = Buffer.alloc(4 + 4 * shape.length);
  head.set([0, 0, 8, shape.length]);
  for (const [i, extent] of shape.entries()) head.writeUInt32BE(extent, 4 + 4 * i);
  return Buffer.concat([head, data]);
};

describe("a folder", () => {
  function folderOf(sizes: readonly (readonly [number, number])[]): string {
    const folder = temporaryFolder();
    for (const [i, [height, width]] of sizes.entries())
      writePng(join(folder, "p", i % 2 === 0 ? "cat" : "dog", `${i}.png`), height, width);
    return folder;
  }

  test("of PNG and JPEG has the sub-folders as classes", async () => {
    const folder = folderOf([
      [4, 6],
      [4, 6],
    ]);
    const colours = drawnBytes(4 * 6 * 3);
    const raw = { width: 6, height: 4, channels: 3 } as const;
    const jpeg = await sharp(colours, { raw }).jpeg().toBuffer();
    writeFileSync(join(folder, "p", "dog", "z.jpg"), jpeg);
    const set = await open(folder, { pictures: "p" });
    expect(set).toMatchObject({ count: 3, size: [4, 6, 3] });
    expect(set.classes!.names).toEqual(["cat", "dog"]);
    expect([...set.classes!.of]).toEqual([0, 1, 1]);
    expect(set.name(2)).toBe("dog/z.jpg");
    const grey = drawnBytes(24, join(folder, "p", "cat", "0.png"));
    const [first] = [(await set.read([0])).subarray(0, 6)];
    expect([...first]).toEqual([...grey.subarray(0, 2)].flatMap((v) => [v, v, v]));
    const decoded = await sharp(jpeg).raw().toBuffer();
    expect(Buffer.from(await set.read([2]))).toEqual(decoded);
  });

  test("of two sizes is refused, naming the file and both; resize gives them one", async () => {
    const folder = folderOf([
      [4, 6],
      [4, 5],
    ]);
    await expect(open(folder, { pictures: "p" })).rejects.toThrow(
      "dog/1.png is 4 × 5 pixels, but cat/0.png is 4 × 6; all pictures must be of one size.",
    );
    const set = await open(folder, { pictures: "p", resize: [4, 4] });
    expect(set.size).toEqual([4, 4, 1]);
    expect((await set.read([0, 1])).length).toBe(32);
  });

  test("that is empty, missing, or of something else is refused", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "empty"));
    await expect(open(folder, { pictures: "empty" })).rejects.toThrow(
      /empty has no \.png, \.jpg or \.jpeg file in it or below it\./,
    );
    await expect(open(folder, { pictures: "none" })).rejects.toThrow(/Expected pictures at/);
    writeFileSync(join(folder, "empty", "x.png"), "hello");
    writeFileSync(join(folder, "empty", "y.png"), "");
    await expect(open(folder, { pictures: "empty" })).rejects.toThrow(
      "x.png: it is neither a PNG nor a JPEG picture.",
    );
  });

  test("with a truncated PNG is refused where it is read, by its name", async () => {
    const folder = folderOf([
      [40, 40],
      [40, 40],
    ]);
    const path = join(folder, "p", "cat", "0.png");
    writeFileSync(path, readFileSync(path).subarray(0, 400));
    const set = await open(folder, { pictures: "p" });
    await expect(set.read([0])).rejects.toThrow(
      /^cat\/0\.png: its PNG is damaged or truncated \(.*\)\.$/,
    );
  });

  test("takes classes from labels.csv, which must name every picture", async () => {
    const folder = folderOf([
      [4, 4],
      [4, 4],
    ]);
    const csv = join(folder, "p", "labels.csv");
    writeFileSync(csv, 'file,class\ncat/0.png,"a, b"\n1.png,c\n');
    const set = await open(folder, { pictures: "p" });
    expect(set.classes!.names).toEqual(["a, b", "c"]);
    writeFileSync(csv, "file,class\ncat/0.png,a\n");
    await expect(open(folder, { pictures: "p" })).rejects.toThrow(/has no line for dog\/1\.png/);
    // A line without its class is not a class without a name.
    writeFileSync(csv, "file,class\ncat/0.png,a\n1.png\n");
    await expect(open(folder, { pictures: "p" })).rejects.toThrow(/row 2 has 1 fields/);
    writeFileSync(csv, "name,kind\ncat/0.png,a\n");
    await expect(open(folder, { pictures: "p" })).rejects.toThrow(/no column "class" or "label"/);
  });
});

describe("a file", () => {
  test("IDX has its labels beside it, and names for them from the config", async () => {
    const folder = temporaryFolder();
    const pixels = drawnBytes(3 * 20);
    writeFileSync(join(folder, "t-images-idx3-ubyte"), idx([3, 4, 5], pixels));
    writeFileSync(join(folder, "t-labels-idx1-ubyte"), idx([3], Uint8Array.of(9, 2, 9)));
    const keys = { pictures: "t-images-idx3-ubyte", class_names: ["two", "nine"] };
    const set = await open(folder, keys);
    expect(set).toMatchObject({ count: 3, size: [4, 5, 1] });
    expect(set.classes).toEqual({ names: ["2: two", "9: nine"], of: Int32Array.of(1, 0, 1) });
    expect(Buffer.from(await set.read([2, 0]))).toEqual(
      Buffer.concat([pixels.subarray(40), pixels.subarray(0, 20)]),
    );
    await expect(open(folder, { ...keys, class_names: ["one"] })).rejects.toThrow(
      "source.class_names has 1 names, but the pictures have 2 classes.",
    );
    await expect(open(folder, { pictures: "t-labels-idx1-ubyte" })).rejects.toThrow(
      /an array \[3\], not pictures/,
    );
  });

  test("labels of another length are refused with both numbers", async () => {
    const folder = temporaryFolder();
    writePictures(join(folder, "x.npy"), [4, 3, 3]);
    const labels = serializeNpy(tensor("int32", [3], Int32Array.of(0, 1, 1)));
    writeFileSync(join(folder, "y.npy"), labels);
    await expect(open(folder, { pictures: "x.npy", labels: "y.npy" })).rejects.toThrow(
      /y\.npy: it has 3 labels, but there are 4 pictures\./,
    );
  });

  test(".npy is [n, h, w] or [n, h, w, 3] of bytes, in grey or colour as asked", async () => {
    const folder = temporaryFolder();
    const pixels = writePictures(join(folder, "x.npy"), [2, 3, 3, 3]);
    const set = await open(folder, { pictures: "x.npy", color: "gray" });
    const [r, g, b] = pixels;
    expect((await set.read([0]))[0]).toBe(Math.round(0.299 * r! + 0.587 * g! + 0.114 * b!));
    writePictures(join(folder, "first.npy"), [2, 3, 8, 8]);
    await expect(open(folder, { pictures: "first.npy" })).rejects.toThrow(/not \[n, h, w\]/);
    const float = tensor("float32", [2, 2, 2], new Float32Array(8));
    writeFileSync(join(folder, "float.npy"), serializeNpy(float));
    await expect(open(folder, { pictures: "float.npy" })).rejects.toThrow(
      /are float32, not unsigned bytes/,
    );
  });

  test("HDF5 has its arrays by name, read as they are needed", async () => {
    const folder = temporaryFolder();
    const pixels = drawnBytes(5 * 4 * 6 * 3);
    const images = { data: pixels, shape: [5, 4, 6, 3], dtype: "<B" };
    await writeHdf5(join(folder, "g.hdf5"), {
      images: { ...images, chunks: [2, 4, 6, 3], compression: 4 },
      labels: { data: BigInt64Array.of(3n, 0n, 3n, 0n, 2n), shape: [5], dtype: "<q" },
      wide: { data: new Float32Array(4), shape: [1, 2, 2], dtype: "<f" },
    });
    const set = await open(folder, { pictures: "g.hdf5" });
    expect(set).toMatchObject({ count: 5, size: [4, 6, 3] });
    expect(set.classes).toEqual({ names: ["0", "2", "3"], of: Int32Array.of(2, 0, 2, 0, 1) });
    const each = 4 * 6 * 3;
    const of = (picture: number) => [...pixels.subarray(picture * each, (picture + 1) * each)];
    expect([...(await set.read([1, 2, 0, 4]))]).toEqual([...of(1), ...of(2), ...of(0), ...of(4)]);
    const keys = { pictures: "g.hdf5", image_column: "pictures" };
    await expect(open(folder, keys)).rejects.toMatchObject({
      message: expect.stringMatching(/g\.hdf5: it has no array "pictures"\./),
      hint: expect.stringMatching(/^It has .*images.*\. Set source\.image_column\.$/),
    });
    await expect(open(folder, { ...keys, image_column: "wide" })).rejects.toThrow(
      /are float32, not unsigned bytes/,
    );
    const labels = { pictures: "g.hdf5", label_column: "wide" };
    await expect(open(folder, labels)).rejects.toThrow(/labels have shape \[1, 2, 2\] of float32/);
    await writeHdf5(join(folder, "one.h5"), {
      images: { data: pixels, shape: [4, 6, 15], dtype: "<B" },
    });
    expect(await open(folder, { pictures: "one.h5" })).toMatchObject({
      count: 4,
      size: [6, 15, 1],
    });
    writeFileSync(join(folder, "bad.hdf5"), "\x89HDF\r\n\x1a\n0000", "latin1");
    await expect(open(folder, { pictures: "bad.hdf5" })).rejects.toThrow(
      /^[^\n]*bad\.hdf5: its HDF5 is damaged \([^\n]+\)\.$/,
    );
  });

  test("a single picture and other files are refused with what to do", async () => {
    const folder = temporaryFolder();
    writePng(join(folder, "one.png"), 2, 2);
    await expect(open(folder, { pictures: "one.png" })).rejects.toThrow(/is a single picture\./);
    writeFileSync(join(folder, "x.txt"), "hello");
    await expect(open(folder, { pictures: "x.txt" })).rejects.toThrow(/holds no pictures/);
  });

  test("Parquet without pictures is refused, naming its columns", async () => {
    const folder = join(import.meta.dirname, "../../../../test/golden/text");
    await expect(open(folder, { pictures: "snappy.parquet" })).rejects.toMatchObject({
      message: expect.stringMatching(/snappy\.parquet: it has no column "image"\./),
      hint: expect.stringMatching(/^It has .*text.*\. Set source\.image_column\.$/),
    });
    const keys = { pictures: "snappy.parquet", image_column: "text" };
    await expect(open(folder, keys)).rejects.toThrow(/row 0: column "text" holds no bytes/);
  });

  test("Parquet as the Hugging Face hub has it gives pictures and labels", async () => {
    const folder = join(import.meta.dirname, "../../../../test/golden/images");
    const set = await open(folder, { pictures: "pictures.parquet" });
    expect(set).toMatchObject({ count: 4, size: [2, 3, 1] });
    expect([...(await set.read([3, 1]))]).toEqual([30, 31, 32, 33, 34, 35, 10, 11, 12, 13, 14, 15]);
    expect(set.classes).toEqual({ names: ["0", "3"], of: Int32Array.of(1, 0, 0, 1) });
    const keys = { pictures: "pictures.parquet", image_column: "raw", label_column: "kind" };
    const raw = await open(folder, keys);
    expect(raw.classes!.names).toEqual(["smooth", "spiral"]);
    expect([...(await raw.read([0]))]).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
