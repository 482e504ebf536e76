import { readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import {
  type CheckedFile,
  describeFile,
  ensureFile,
  openCheckedFile,
  verifyFile,
} from "./checked-file.ts";
import { xxh32 } from "./xxh32.ts";

const BLOCK = 2 ** 20;
/** Two whole blocks and a part of a third. */
const bytes = Uint8Array.from({ length: 2 * BLOCK + 1000 }, (_, i) => (i * i) >>> 7);
/** The same bytes in pieces that end where no block ends. */
const pieces = () => [
  bytes.subarray(0, 5),
  bytes.subarray(5, BLOCK + 77),
  bytes.subarray(BLOCK + 77),
];

async function stored(): Promise<{ folder: string; described: CheckedFile; path: string }> {
  const folder = temporaryFolder();
  const described = await describeFile("rows.bin", pieces(), xxh32);
  await ensureFile(folder, described, pieces, xxh32);
  return { folder, described, path: join(folder, "rows.bin") };
}

/** Turns one byte round. */
function damage(path: string, at: number): void {
  const all = readFileSync(path);
  all[at]! ^= 0xff;
  writeFileSync(path, all);
}

test("a description has one checksum per block, however the bytes come", async () => {
  const described = await describeFile("rows.bin", pieces(), xxh32);
  expect(described).toEqual({
    file: "rows.bin",
    bytes: bytes.length,
    blockBytes: BLOCK,
    checksums: [0, 1, 2].map((n) => xxh32(bytes.subarray(n * BLOCK, (n + 1) * BLOCK))),
  });
  expect(await describeFile("rows.bin", [bytes], xxh32)).toEqual(described);
  expect(await describeFile("none", [], xxh32)).toMatchObject({ bytes: 0, checksums: [] });
});

describe("such a file", () => {
  test("is read in parts, across blocks too", async () => {
    const { folder, described } = await stored();
    const file = await openCheckedFile(folder, described, xxh32);
    for (const [from, length] of [
      [0, 10],
      [BLOCK - 3, 6],
      [BLOCK, BLOCK],
      [5, 2 * BLOCK],
      [bytes.length - 1, 1],
      [7, 0],
    ] as const) {
      const into = new Uint8Array(length);
      await file.read(from, into);
      expect(Buffer.compare(into, bytes.subarray(from, from + length))).toBe(0);
    }
    await file.close();
  });

  test("is checked where it is read, and nowhere else", async () => {
    const { folder, described, path } = await stored();
    damage(path, BLOCK + 5);
    const file = await openCheckedFile(folder, described, xxh32);
    await expect(file.read(0, new Uint8Array(100))).resolves.toBeUndefined();
    await expect(file.read(BLOCK + 100, new Uint8Array(1))).rejects.toThrow(
      `${path}, block 1 at byte ${BLOCK}: it is damaged`,
    );
    // The block is not taken for good at the second attempt.
    await expect(file.read(BLOCK + 100, new Uint8Array(1))).rejects.toThrow("block 1");
    await expect(file.read(2 * BLOCK, new Uint8Array(1))).resolves.toBeUndefined();
    await file.close();
    await expect(verifyFile(folder, described, xxh32)).rejects.toThrow("block 1");
  });

  test("of another length is refused when it is opened", async () => {
    const { folder, described, path } = await stored();
    truncateSync(path, 100);
    await expect(openCheckedFile(folder, described, xxh32)).rejects.toThrow(
      `${path}: it has 100 bytes; the index promises ${bytes.length}.`,
    );
  });

  test("that is not there is missing", async () => {
    const { folder, described, path } = await stored();
    rmSync(path);
    await expect(openCheckedFile(folder, described, xxh32)).rejects.toMatchObject({
      code: "file/missing",
    });
  });

  test("of no bytes is whole", async () => {
    const folder = temporaryFolder();
    const described = await describeFile("none", [], xxh32);
    await ensureFile(folder, described, () => [], xxh32);
    await expect(verifyFile(folder, described, xxh32)).resolves.toBeUndefined();
  });
});

describe("ensuring", () => {
  test("leaves a whole file as it is", async () => {
    const { folder, described, path } = await stored();
    utimesSync(path, 1, 1);
    await ensureFile(folder, described, pieces, xxh32);
    expect(statSync(path).mtimeMs).toBe(1000);
  });

  test.each([
    ["damaged", (path: string) => damage(path, 17)],
    ["cut short", (path: string) => truncateSync(path, 3)],
    ["removed", (path: string) => rmSync(path)],
  ])("writes one again that was %s", async (_, harm) => {
    const { folder, described, path } = await stored();
    harm(path);
    await ensureFile(folder, described, pieces, xxh32);
    expect(Buffer.compare(readFileSync(path), bytes)).toBe(0);
  });

  test("a file that cannot be read is not taken for a damaged one", async () => {
    const folder = temporaryFolder();
    const described = await describeFile(".", [bytes], xxh32);
    await expect(ensureFile(folder, described, pieces, xxh32)).rejects.toMatchObject({
      code: "argument/invalid",
    });
  });
});
