import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { float32Tensor, tensor } from "../base/tensor.ts";
import { openNpy, parseNpy, serializeNpy, writeNpy } from "./npy.ts";

/** A version 1 file with the given dictionary and `dataBytes` zero bytes. */
function file(dictionary: string, dataBytes: number, claimedLength?: number): Uint8Array {
  const preamble = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0, 0]);
  preamble.writeUInt16LE(claimedLength ?? dictionary.length, 8);
  return Buffer.concat([preamble, Buffer.from(dictionary), Buffer.alloc(dataBytes)]);
}

const dictionary = (descr: string, shape: string, order = "False"): string =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}}`;

test("rows are read by range without the rest", async () => {
  const path = join(temporaryFolder(), "x.npy");
  const data = Float32Array.from({ length: 4 * 2 * 3 }, (_, i) => i);
  await writeNpy(path, float32Tensor([4, 2, 3], data));
  const open = await openNpy(path);
  expect(open).toMatchObject({ dtype: "float32", shape: [4, 2, 3], rows: 4, rowElements: 6 });
  expect(await open.readRows(2, 1)).toEqual(float32Tensor([1, 2, 3], data.slice(12, 18)));
  expect(await open.readRows(4, 0)).toEqual(float32Tensor([0, 2, 3], new Float32Array(0)));
  const into = new Uint8Array(48);
  await open.readRowBytes(1, into);
  expect(new Float32Array(into.buffer)).toEqual(data.slice(6, 18));
  await open.close();
});

test("rows beyond the end, and buffers that are not a whole number of rows, are refused", async () => {
  const path = join(temporaryFolder(), "x.npy");
  await writeNpy(path, float32Tensor([4, 2], new Float32Array(8)));
  const open = await openNpy(path);
  for (const [start, count] of [[4, 1], [-1, 2], [0, -1], [0.5, 1], [0, 5]] as const) // biome-ignore format: one line
    await expect(open.readRows(start, count)).rejects.toThrow(/whole rows inside the 4 there are/);
  await expect(open.readRowBytes(0, new Uint8Array(9))).rejects.toThrow(/whole rows/);
  await open.close();
});

test("the dictionary is read in any order, spacing and quotes that Python allows", () => {
  const text = `{"shape": ( 2 ,3L, ) ,\n"fortran_order":False, "descr":'<f4',}  \n`;
  expect(parseNpy(file(text, 24)).shape).toEqual([2, 3]);
  expect(parseNpy(file(dictionary("'<f4'", "()"), 4)).shape).toEqual([]);
});

test("a vector marked as Fortran order is a vector", () => {
  expect(parseNpy(file(dictionary("'<f4'", "(3,)", "True"), 12)).shape).toEqual([3]);
});

describe("a file is refused", () => {
  const f4 = "'<f4'";
  const cases: [string, Uint8Array, RegExp][] = [
    ["without the magic", Buffer.from("PK\x03\x04 this is a zip"), /not a \.npy file/],
    [
      "of an unknown version",
      serializeNpy(float32Tensor([], new Float32Array(1))).fill(9, 6, 7),
      /version 9\.0/,
    ],
    ["whose header reaches beyond it", file(dictionary(f4, "(1,)"), 0, 500), /header|bytes/],
    ["whose header is huge", file(dictionary(f4, "(1,)"), 4, 60_000), /at most 10000 are read/],
    ["with code in its dictionary", file("{'descr': eval('1')}", 0), /not the dictionary/],
    ["with an escape in its dictionary", file("{'descr': '\\x3cf4'}", 0), /not the dictionary/],
    [
      "with an unknown key",
      file(`${dictionary(f4, "(1,)").slice(0, -1)}, 'x': True}`, 4),
      /not: descr/,
    ],
    ["with a missing key", file("{'descr': '<f4'}", 4), /not: descr/],
    [
      "with text after the dictionary",
      file(`${dictionary(f4, "(1,)")} 3`, 4),
      /not the dictionary/,
    ],
    ["without a shape tuple", file(dictionary(f4, "True"), 4), /shape must be a tuple/],
    ["with a negative extent", file(dictionary(f4, "(-1,)"), 4), /not the dictionary/],
    [
      "with an order that is not a boolean",
      file(dictionary(f4, "(1,)", "'C'"), 4),
      /True or False/,
    ],
    [
      "with an object dtype",
      file(dictionary("'|O'", "(1,)"), 4),
      /dtype "\|O" is not supported: Python objects, which are never read/,
    ],
    [
      "with a dtype from the prototype",
      file(dictionary("'constructor'", "(1,)"), 4),
      /not supported/,
    ],
    ["with named fields", file("{'descr': [('a', '<f4')]}", 0), /structured array/],
    ["with complex numbers", file(dictionary("'<c8'", "(1,)"), 8), /complex numbers/],
    ["with text", file(dictionary("'<U5'", "(1,)"), 20), /dtype "<U5" is not supported: text/],
    ["that is cut short", file(dictionary(f4, "(3,)"), 8), /takes 12 bytes, but 8 follow/],
    ["with bytes left over", file(dictionary(f4, "(3,)"), 16), /takes 12 bytes, but 16 follow/],
    [
      "whose shape overflows",
      file(dictionary(f4, "(9007199254740991, 9007199254740991)"), 4),
      /takes/,
    ],
  ];
  test.each(cases)("%s", (_, bytes, line) => {
    expect(() => parseNpy(bytes, "x.npy")).toThrow(line);
    expect(() => parseNpy(bytes, "x.npy")).toThrow(/^x\.npy/);
  });

  test.each(cases)("%s, on disk", async (_, bytes) => {
    const path = join(temporaryFolder(), "x.npy");
    writeFileSync(path, bytes);
    await expect(openNpy(path)).rejects.toThrow(path);
  });
});

test("bfloat16 cannot be written, and the error says what can", () => {
  const t = tensor("bfloat16", [1], new Uint16Array(1));
  expect(() => serializeNpy(t)).toThrow(/cannot hold bfloat16/);
});
