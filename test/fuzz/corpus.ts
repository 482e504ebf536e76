/**
 * @file Files for the fuzzers to start from: good ones of every kind, and bad ones that somebody
 *   would think of.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { serializeIndex } from "../../src/sources/shards/shard-index.ts";

export type Seed = readonly [name: string, bytes: Uint8Array];

const GOLDENS = join(import.meta.dirname, "../golden/formats");

/** The golden files of an extension. */
function goldens(extension: string): Seed[] {
  const names = readdirSync(GOLDENS).filter((name) => name.endsWith(extension));
  return names.sort().map((name) => [name, readFileSync(join(GOLDENS, name))]);
}

const ascii = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** A safetensors file with this header, as it stands. */
function safetensors(header: string, dataBytes = 0, length = header.length): Uint8Array {
  const field = Buffer.alloc(8);
  field.writeBigUInt64LE(BigInt.asUintN(64, BigInt(length)));
  return Buffer.concat([field, ascii(header), Buffer.alloc(dataBytes)]);
}

export const SAFETENSORS: readonly Seed[] = [
  ...goldens(".safetensors"),
  ["empty", new Uint8Array(0)],
  ["a length of 2^64 − 1", safetensors("{}", 0, -1)],
  ["a length beyond the cap", safetensors("{}", 0, 2 ** 40)],
  ["brackets without end", safetensors("[".repeat(100_000))],
  ["a tensor of 2^53 elements", safetensors('{"t":{"dtype":"U8","shape":[9007199254740991],"data_offsets":[0,9007199254740991]}}')], // biome-ignore format: one line
  ["zero times infinity", safetensors(`{"t":{"dtype":"F64","shape":[${"9007199254740991,".repeat(30)}0],"data_offsets":[0,0]}}`)], // biome-ignore format: one line
  ["a prototype", safetensors('{"__proto__":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}', 1)],
  ["the same name twice", safetensors('{"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"t":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}', 2)], // biome-ignore format: one line
];

function npy(dictionary: string, dataBytes = 0, length = dictionary.length): Uint8Array {
  const preamble = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 0, 0, 0, 0]);
  preamble.writeUInt32LE(length, 8);
  return Buffer.concat([preamble, ascii(dictionary), Buffer.alloc(dataBytes)]);
}

export const NPY: readonly Seed[] = [
  ...goldens(".npy"),
  ["empty", new Uint8Array(0)],
  ["a length of 2^32 − 1", npy("{}", 0, 2 ** 32 - 1)],
  [
    "a shape of 2^53",
    npy("{'descr': '|u1', 'fortran_order': False, 'shape': (9007199254740991,)}"),
  ],
  ["a Fortran matrix of zero rows", npy("{'descr': '<f8', 'fortran_order': True, 'shape': (0, 9007199254740991)}")], // biome-ignore format: one line
  ["quotes without end", npy("{'descr': '<f4")],
  ["a thousand dictionaries", npy("{".repeat(5000))],
  ["a thousand axes", npy(`{'descr': '<f4', 'fortran_order': False, 'shape': (${"1, ".repeat(1000)})}`, 4)], // biome-ignore format: one line
];

export const JSONL: readonly Seed[] = [
  ["metrics", ascii('{"step":1,"fvu":0.51}\n{"step":2,"fvu":null,"members":[1,2,3]}\n')],
  ["no newline", ascii('{"step":1}')],
  ["torn", ascii('{"step":1}\n{"st')],
  ["carriage returns", ascii('{"a":1}\r\n\r\n[2]\r\n')],
  ["brackets without end", ascii("[".repeat(100_000))],
  ["not UTF-8", new Uint8Array([0x22, 0xff, 0xfe, 0x22, 0x0a, 0x00, 0x0a])],
];

export const INDEX: readonly Seed[] = [
  [
    "two shards",
    ascii(
      serializeIndex({
        dtype: "float16",
        dIn: 4,
        blockRows: 8,
        groupRows: 2,
        complete: true,
        shards: [
          { file: "shard-00000.bin", rows: 16, checksums: [0x2c7a5b31, 0x00ff00ff] },
          { file: "shard-00001.bin", rows: 3, checksums: [0xdeadbeef] },
        ],
        provenance: { kind: "test", hook_name: "blocks.0.hook_resid_pre" },
      }),
    ),
  ],
  [
    "begun",
    ascii(
      serializeIndex({
        dtype: "float32",
        dIn: 1,
        blockRows: 1,
        groupRows: 1,
        complete: false,
        shards: [],
        provenance: { kind: "test" },
      }),
    ),
  ],
  ["empty", new Uint8Array(0)],
];
