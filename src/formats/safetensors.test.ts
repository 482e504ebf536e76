import { describe, expect, test } from "vitest";
import { float32Tensor, tensor } from "../base/tensor.ts";
import { parseSafetensors, safetensorsPieces, serializeSafetensors } from "./safetensors.ts";
import { MAX_RANK, MAX_TENSORS } from "./safetensors-header.ts";

/** A file with the given header and `dataBytes` zero bytes of data. */
function file(header: unknown, dataBytes: number, claimedLength?: number): Uint8Array {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(claimedLength ?? json.byteLength));
  return Buffer.concat([length, json, Buffer.alloc(dataBytes)]);
}

const f32 = (start: number, end: number, shape = [(end - start) / 4]) => ({
  dtype: "F32",
  shape,
  data_offsets: [start, end],
});

test("the order in which tensors are given does not change a byte", () => {
  const a = float32Tensor([2], new Float32Array([1, 2]));
  const b = tensor("int64", [1], new BigInt64Array([3n]));
  const one = serializeSafetensors(new Map([["a", a], ["b", b]]), { x: "1", y: "2" }); // biome-ignore format: one line
  const two = serializeSafetensors(new Map<string, typeof a>([["b", b], ["a", a]]), { y: "2", x: "1" }); // biome-ignore format: one line
  expect(two).toEqual(one);
});

test("the header is padded so that the data starts at a multiple of 8", () => {
  for (const name of ["a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh"]) {
    const bytes = serializeSafetensors(new Map([[name, float32Tensor([1], new Float32Array(1))]]));
    expect((bytes.byteLength - 4) % 8).toBe(0);
  }
});

test("pieces to be written share the tensors' memory", () => {
  const t = float32Tensor([3], new Float32Array(3));
  expect(safetensorsPieces(new Map([["t", t]]))[1]?.buffer).toBe(t.data.buffer);
});

test("names and values that JSON must escape survive", () => {
  const t = float32Tensor([1], new Float32Array([7]));
  const names = ["__proto__", "constructor", 'a"b\\c', "snow☃", "line\nbreak", ""];
  const bytes = serializeSafetensors(new Map(names.map((n) => [n, t])), { "k\t": "v\u0001" });
  const parsed = parseSafetensors(bytes);
  expect([...parsed.tensors.keys()].sort()).toEqual(names.sort());
  expect(parsed.metadata).toEqual({ "k\t": "v\u0001" });
});

test("data that starts off alignment is read all the same", () => {
  const header = '{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'; // 54 bytes: data at 62
  const bytes = file(header, 4);
  new DataView(bytes.buffer, bytes.byteOffset).setFloat32(62, 1.5, true);
  expect(parseSafetensors(bytes).tensors.get("t")?.data).toEqual(new Float32Array([1.5]));
});

describe("a file is refused", () => {
  const cases: [string, Uint8Array, RegExp][] = [
    ["that is too short", new Uint8Array(9), /9 bytes are too few/],
    ["whose header reaches beyond it", file({}, 0, 50), /claims 50 bytes, but the file has 2/],
    ["whose header length is absurd", file({}, 0, 2 ** 53), /claims 9007199254740992 bytes/],
    ["whose header is not JSON", file("version https://git-lfs", 0), /not JSON/],
    ["whose header is not an object", file("[1]", 0), /not a JSON object/],
    ["whose header is not UTF-8", file('{"a\xff":1}', 0), /not a JSON object|not JSON|entry/],
    [
      "with metadata that is not text",
      file({ __metadata__: { a: 1 } }, 0),
      /must map text to text/,
    ],
    ["with an entry that is not an object", file({ t: 3 }, 0), /tensor t: its entry/],
    [
      "with an unknown dtype",
      file({ t: { ...f32(0, 1, [1]), dtype: "F8_E4M3" } }, 1),
      /tensor t: dtype F8_E4M3 is not supported/,
    ],
    [
      "with a foreign dtype of another size",
      file({ t: { ...f32(0, 4, [2]), dtype: "U64" } }, 4),
      /shape \[2\] of U64 takes 16 bytes/,
    ],
    [
      "with a dtype that is not text",
      file({ t: { ...f32(0, 4), dtype: 7 } }, 4),
      /its dtype must be text/,
    ],
    [
      "with a dtype from the prototype",
      file({ t: { ...f32(0, 4), dtype: "toString" } }, 4),
      /not supp/,
    ],
    ["with a negative extent", file({ t: f32(0, 4, [-1]) }, 4), /non-negative integers/],
    ["with a fractional extent", file({ t: f32(0, 4, [0.5]) }, 4), /non-negative integers/],
    ["of too high a rank", file({ t: f32(0, 4, Array(MAX_RANK + 1).fill(1)) }, 4), /at most 32/],
    ["with offsets turned round", file({ t: f32(4, 0, [1]) }, 4), /start and end/],
    ["with a wrong byte range", file({ t: f32(0, 8, [3]) }, 8), /takes 12 bytes, but .* span 8/],
    ["with a shape that overflows", file({ t: f32(0, 4, [2 ** 40, 2 ** 40]) }, 4), /span 4/],
    ["with a hole", file({ a: f32(0, 4), b: f32(8, 12) }, 12), /tensor b: it starts at byte/],
    ["with an overlap", file({ a: f32(0, 8), b: f32(4, 12) }, 12), /end to end/],
    ["with bytes left over", file({ a: f32(0, 4) }, 5), /the tensors end at byte/],
    ["that is cut short", file({ a: f32(0, 8) }, 4), /the tensors end at byte/],
  ];
  test.each(cases)("%s", (_, bytes, line) => {
    expect(() => parseSafetensors(bytes, "x.safetensors")).toThrow(line);
    expect(() => parseSafetensors(bytes, "x.safetensors")).toThrow(/^x\.safetensors/);
  });

  test("with more tensors than any model has", () => {
    const entry = '{"dtype":"U8","shape":[0],"data_offsets":[0,0]}';
    const fields = Array.from({ length: MAX_TENSORS + 1 }, (_, i) => `"${i}":${entry}`);
    expect(() => parseSafetensors(file(`{${fields.join(",")}}`, 0))).toThrow(/more than 100000/);
  });
});

describe("serialising refuses", () => {
  const t = float32Tensor([1], new Float32Array(1));
  test("the reserved name", () => {
    expect(() => serializeSafetensors(new Map([["__metadata__", t]]))).toThrow(/reserved/);
  });
  test("metadata that is not text", () => {
    const metadata = { a: 1 } as unknown as Record<string, string>;
    expect(() => serializeSafetensors(new Map([["t", t]]), metadata)).toThrow(
      /text for metadata\.a/,
    );
  });
  test("data that does not fit its shape", () => {
    expect(() => serializeSafetensors(new Map([["t", { ...t, shape: [2] }]]))).toThrow(
      /2 elements/,
    );
  });
});
