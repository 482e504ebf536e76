import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { readIdx } from "./idx.ts";

/** An array [2, 3] of the bytes 0 to 5, or with another header. */
const bytesOf = (head: readonly number[] = [0, 0, 8, 2], extents = [2, 3], count = 6) =>
  Buffer.concat([
    Uint8Array.from(head),
    ...extents.map((extent) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(extent);
      return bytes;
    }),
    Uint8Array.from({ length: count }, (_, i) => i),
  ]);

function fileOf(bytes: Uint8Array): string {
  const path = join(temporaryFolder(), "x-idx2-ubyte");
  writeFileSync(path, bytes);
  return path;
}

test("an array is read, plain or gzipped", async () => {
  const wanted = { shape: [2, 3], data: Buffer.from([0, 1, 2, 3, 4, 5]) };
  for (const bytes of [bytesOf(), gzipSync(bytesOf())]) {
    const { shape, data } = await readIdx(fileOf(bytes), 100);
    expect({ shape, data: Buffer.from(data) }).toEqual(wanted);
  }
});

test.each([
  ["truncated elements", bytesOf([0, 0, 8, 2], [2, 3], 5), /says 6 elements, but the file has 5\./],
  [
    "elements that are left over",
    bytesOf([0, 0, 8, 2], [2, 3], 7),
    /6 elements, but .* has more\./,
  ],
  ["a truncated header", bytesOf().subarray(0, 9), /ends within its header\./],
  ["another type", bytesOf([0, 0, 13, 2]), /of type 13, not unsigned bytes/],
  ["another format", Buffer.from("hello world"), /does not begin as an IDX array/],
  ["a damaged .gz", gzipSync(bytesOf()).subarray(0, 20), /gzip data are damaged or truncated/],
  ["extents that lie", bytesOf([0, 0, 8, 4], [2 ** 31, 2 ** 31, 2 ** 31, 9]), /claims .* elements/],
  ["more than may be read", bytesOf([0, 0, 8, 2], [20, 30]), /600 bytes .*; at most 100 are read/],
  ["an empty file", Buffer.alloc(0), /does not begin as an IDX array/],
])("%s are refused", async (_, bytes, message) => {
  await expect(readIdx(fileOf(bytes), 100)).rejects.toThrow(message);
});
