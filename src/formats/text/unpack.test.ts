import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { type Packing, packingOf, unpackedBytes } from "./unpack.ts";

function written(bytes: Uint8Array): string {
  const path = join(temporaryFolder(), "x.txt");
  writeFileSync(path, bytes);
  return path;
}

async function unpacked(bytes: Uint8Array, packing: Packing | undefined): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of unpackedBytes(written(bytes), packing)) parts.push(part);
  return Buffer.concat(parts).toString();
}

/** A frame of Zstandard with one raw block: RFC 8878, 3.1.1. */
function zstdFrame(text: string, flags = 0x20): Buffer {
  const content = Buffer.from(text);
  const block = Buffer.alloc(3);
  // Last block, raw, and its size.
  block.writeUIntLE(1 + 8 * content.length, 0, 3);
  return Buffer.concat([
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, flags, content.length]),
    block,
    content,
  ]);
}

const head = (...bytes: number[]) => Uint8Array.from(bytes);

test("the first bytes decide how a file is packed", () => {
  expect(packingOf(gzipSync("x"))).toBe("gzip");
  expect(packingOf(zstdFrame("x"))).toBe("zstd");
  // A frame that readers skip, with any of its sixteen numbers.
  expect(packingOf(head(0x5f, 0x2a, 0x4d, 0x18))).toBe("zstd");
  expect(packingOf(head(0x60, 0x2a, 0x4d, 0x18))).toBeUndefined();
  expect(packingOf(Buffer.from("text"))).toBeUndefined();
  expect(packingOf(head())).toBeUndefined();
});

describe("bytes come out as they went in", () => {
  const text = "a line of text\n".repeat(5);

  test("of a file that is not packed", async () => {
    expect(await unpacked(Buffer.from(text), undefined)).toBe(text);
    expect(await unpacked(new Uint8Array(0), undefined)).toBe("");
  });

  test("of gzip, and of files that were joined", async () => {
    const both = Buffer.concat([gzipSync(text), gzipSync("more")]);
    expect(await unpacked(both, "gzip")).toBe(`${text}more`);
  });

  test("of Zstandard", async () => {
    expect(await unpacked(zstdFrame(text), "zstd")).toBe(text);
  });
});

describe("a packed file is refused", () => {
  test("that is cut short or damaged, with the command that tests it", async () => {
    const whole = gzipSync("hello ".repeat(100));
    const damaged = Buffer.from(whole);
    damaged[whole.length - 6]! ^= 0xff;
    for (const bytes of [whole.subarray(0, -3), damaged])
      await expect(unpacked(bytes, "gzip")).rejects.toMatchObject({
        code: "format/invalid",
        message: expect.stringMatching(/its gzip data are damaged or truncated \(.+[^.]\)\.$/),
        hint: expect.stringContaining("gzip -t"),
      });
  });

  test("that needs a dictionary", async () => {
    const bytes = Buffer.concat([zstdFrame("x".repeat(20), 0x21), Buffer.alloc(20)]);
    await expect(unpacked(bytes, "zstd")).rejects.toMatchObject({
      message: expect.stringContaining("packed with a dictionary"),
      hint: expect.stringContaining("zstd -d -D"),
    });
  });

  test("whose window needs more memory than is given", async () => {
    // No single segment; a window of 2^(10 + 18) bytes.
    const bytes = Buffer.concat([head(0x28, 0xb5, 0x2f, 0xfd, 0, 18 << 3), Buffer.alloc(30)]);
    await expect(unpacked(bytes, "zstd")).rejects.toMatchObject({
      code: "format/too-large",
      message: expect.stringContaining(`a window of ${2 ** 28} bytes; at most ${2 ** 27}`),
    });
  });

  test("that is not there", async () => {
    const read = async () => {
      for await (const _ of unpackedBytes(join(temporaryFolder(), "no"), "gzip")) break;
    };
    await expect(read()).rejects.toMatchObject({ code: "file/missing" });
  });
});
