import { expect, test } from "vitest";
import { parseIndex, type ShardIndex, serializeIndex } from "./shard-index.ts";

const INDEX: ShardIndex = {
  dtype: "bfloat16",
  dIn: 3,
  blockRows: 4,
  groupRows: 2,
  complete: true,
  shards: [
    { file: "shard-00000.bin", rows: 8, checksums: [0, 0xffffffff] },
    { file: "shard-00001.bin", rows: 5, checksums: [1, 0xdeadbeef] },
  ],
  provenance: { kind: "language-model", hook_name: "blocks.8.hook_resid_pre", nested: { a: [1] } },
};

test("an index survives the text", () => {
  expect(parseIndex(serializeIndex(INDEX), "index.json")).toEqual(INDEX);
});

test("checksums are eight digits, whatever their value", () => {
  expect(serializeIndex(INDEX)).toContain('"00000000"');
  expect(serializeIndex(INDEX)).toContain('"deadbeef"');
});

type Document = Record<string, unknown> & { shards: Record<string, unknown>[] };

test.each([
  ["another format", (d: Document) => Object.assign(d, { format: "zarr" }), /format must be/],
  ["a later version", (d) => Object.assign(d, { version: 2 }), /version must be 1/],
  ["another checksum", (d) => Object.assign(d, { checksum: "crc" }), /checksum must be/],
  ["another dtype", (d) => Object.assign(d, { dtype: "float8" }), /dtype must be one of/],
  ["no width", (d) => Object.assign(d, { d_in: 0 }), /d_in must be an integer from 1/],
  ["an absurd width", (d) => Object.assign(d, { d_in: 2 ** 40 }), /d_in must be an integer/],
  ["huge blocks", (d) => Object.assign(d, { block_rows: 2 ** 40 }), /at most 67108864 are read/],
  ["blocks of broken groups", (d) => Object.assign(d, { group_rows: 3 }), /multiple of group_rows/],
  ["rows that do not add up", (d) => Object.assign(d, { rows: 14 }), /rows must be the sum 13/],
  ["no provenance", (d) => Object.assign(d, { provenance: 1 }), /provenance must be/],
  ["shards that are not a list", (d) => Object.assign(d, { shards: {} }), /shards must be a list/],
  [
    "a name that leads out",
    (d) => Object.assign(d.shards[0]!, { file: "../x" }),
    /shards\[0\]: file/,
  ],
  [
    "a short shard in the middle",
    (d) => Object.assign(d.shards[0]!, { rows: 7 }),
    /multiple of block/,
  ],
  ["rows beyond its checksums", (d) => Object.assign(d.shards[1]!, { rows: 500 }), /list 125/],
  [
    "a checksum that is none",
    (d) => Object.assign(d.shards[1]!, { block_checksums: ["0", "x"] }),
    /hexa/,
  ],
  ["completeness that is none", (d) => Object.assign(d, { complete: "yes" }), /complete must be/],
] as [string, (document: Document) => unknown, RegExp][])("%s is refused", (_, change, line) => {
  const document = JSON.parse(serializeIndex(INDEX)) as Document;
  change(document);
  expect(() => parseIndex(JSON.stringify(document), "index.json")).toThrow(line);
  expect(() => parseIndex(JSON.stringify(document), "index.json")).toThrow(/^index\.json/);
});

test("text that is not a JSON object is refused", () => {
  for (const text of ["", "{", "[]", "null"])
    expect(() => parseIndex(text, "index.json")).toThrow(/not (JSON|a JSON object)/);
});
