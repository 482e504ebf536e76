import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { isGguf, openGgufHeader, parseGgufHeader } from "./gguf-header.ts";

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: number | bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const text = (value: string) => {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.byteLength), bytes]);
};
const key = (name: string, type: number, value: Buffer) =>
  Buffer.concat([text(name), u32(type), value]);
const tensor = (name: string, shape: readonly number[], type: number, offset: number) =>
  Buffer.concat([
    text(name),
    u32(shape.length),
    ...[...shape].reverse().map(u64),
    u32(type),
    u64(offset),
  ]);

/** A file of these parts, with so many bytes of data. */
function file(
  keys: readonly Buffer[],
  tensors: readonly Buffer[],
  { data = 0, version = 3, alignment = 32 } = {},
): Buffer {
  const head = [Buffer.from("GGUF"), u32(version), u64(tensors.length), u64(keys.length)];
  const header = Buffer.concat([...head, ...keys, ...tensors]);
  const padding = Math.ceil(header.byteLength / alignment) * alignment - header.byteLength;
  return Buffer.concat([header, Buffer.alloc(padding + data)]);
}

const parsed = (bytes: Buffer) => parseGgufHeader(bytes, "x.gguf", bytes.byteLength);

describe("what a header says", () => {
  test("has every type of value", () => {
    const list = Buffer.concat([u32(4), u64(2), u32(7), u32(9)]);
    const nested = Buffer.concat([u32(9), u64(1), list]);
    const { metadata } = parsed(
      file(
        [
          key("byte", 1, Buffer.from([0xff])),
          key("short", 2, Buffer.from([1, 2])),
          key("float", 6, Buffer.from(new Float32Array([0.5]).buffer)),
          key("yes", 7, Buffer.from([1])),
          key("text", 8, text("Ġ 12")),
          key("list", 9, list),
          key("nested", 9, nested),
          key("long", 11, u64(2n ** 64n - 5n)),
          key("double", 12, Buffer.from(new Float64Array([-0.25]).buffer)),
        ],
        [],
      ),
    );
    expect(Object.fromEntries(metadata)).toEqual({
      byte: -1,
      short: 513,
      float: 0.5,
      yes: true,
      text: "Ġ 12",
      list: [7, 9],
      nested: [[7, 9]],
      long: -5,
      double: -0.25,
    });
  });

  test("has the shape of tensors with the slowest dimension first, and where they lie", () => {
    const bytes = file([], [tensor("w", [3, 64], 3, 0), tensor("b", [5], 0, 128)], { data: 148 });
    const { tensors } = parsed(bytes);
    const data = bytes.byteLength - 148;
    // 3 × 64 numbers are six blocks of 20 bytes.
    expect(tensors.get("w")).toMatchObject({ shape: [3, 64], offset: data, byteLength: 120 });
    expect(tensors.get("b")).toMatchObject({ shape: [5], offset: data + 128, byteLength: 20 });
  });

  test("data begins at a multiple of the alignment that the file names", () => {
    const keys = [key("general.alignment", 4, u32(64))];
    const bytes = file(keys, [tensor("b", [2], 0, 64)], { data: 72, alignment: 64 });
    expect(parsed(bytes).tensors.get("b")!.offset % 64).toBe(0);
  });

  test("is read from a file that is longer than what is read first", async () => {
    const path = join(temporaryFolder(), "long.gguf");
    const words = Array.from({ length: 60_000 }, (_, i) => text(`a long token with number ${i}`));
    const list = Buffer.concat([u32(8), u64(words.length), ...words]);
    writeFileSync(path, file([key("tokens", 9, list)], []));
    const { metadata } = await openGgufHeader(path);
    expect((metadata.get("tokens") as string[]).at(-1)).toBe("a long token with number 59999");
    expect(await isGguf(path)).toBe(true);
  });
});

const float = tensor("b", [2], 0, 0);
const BAD: readonly [what: string, bytes: Buffer, message: string][] = [
  ["another file", Buffer.from("PK\x03\x04 and so on, long enough"), "this is not a GGUF file"],
  ["version 1", file([], [], { version: 1 }), "version 1 of GGUF is not read"],
  ["big-endian", file([], [], { version: 0x03000000 }), "version 50331648 of GGUF is not read"],
  ["an unknown element type", file([], [tensor("w", [32], 10, 0)], { data: 99 }), "the tensor w is of type 10, which is not read"],
  ["rows that are not whole blocks", file([], [tensor("w", [2, 33], 2, 0)], { data: 99 }), "cannot be of type Q4_0, which has blocks of 32"],
  ["a tensor beyond the end", file([], [tensor("b", [2, 9], 0, 0)], { data: 64 }), "ends at byte"],
  ["a tensor without elements", file([], [tensor("b", [0], 0, 0)]), "of shape [0]"],
  ["sizes that overflow", file([], [tensor("b", [2 ** 40, 2 ** 40], 0, 0)]), "cannot be of type F32"],
  ["an offset between two places", file([], [tensor("b", [1], 0, 5)], { data: 64 }), "does not begin at a multiple of 32"],
  ["a tensor that is there twice", file([], [float, float], { data: 8 }), "a tensor is there twice"],
  ["a key that is there twice", file([key("k", 4, u32(1)), key("k", 4, u32(1))], []), "the key k is there twice"],
  ["a type of value that does not exist", file([key("k", 13, u32(1))], []), "no metadata of type 13"],
  ["a list longer than the file", file([key("k", 9, Buffer.concat([u32(0), u64(2 ** 40)]))], []), "longer than the file"],
  ["lists in lists in lists", file([key("k", 9, Buffer.concat([u32(9), u64(1), u32(9), u64(1), u32(9), u64(0)]))], []), "no metadata of type 9 in a list"],
  ["more tensors than bytes", Buffer.concat([Buffer.from("GGUF"), u32(3), u64(2 ** 50), u64(0)]), "more than the file holds"],
  ["a number that is too large", file([key("k", 10, u64(2n ** 63n))], []), "larger than 2^53"],
  ["a text that is not UTF-8", file([key("k", 8, Buffer.concat([u64(1), Buffer.from([0xff])]))], []), "a text is not UTF-8"],
  ["an alignment of zero", file([key("general.alignment", 4, u32(0))], []), "general.alignment is 0"],
]; // biome-ignore format: one case per line

test.each(BAD)("%s is refused with its place", (_, bytes, message) => {
  expect(() => parsed(bytes)).toThrow(message);
});

test("a file cut anywhere in its header says that it is truncated", () => {
  const whole = file([key("k", 8, text("value"))], [float], { data: 8 });
  const header = whole.byteLength - 8;
  for (let length = 4; length < header - 31; length++)
    expect(() => parsed(whole.subarray(0, length))).toThrow(/ends here|more than the file holds/);
});
