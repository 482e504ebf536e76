import { expect, test } from "vitest";
import { xxh32 } from "./xxh32.ts";

/** Byte i is 37 i + 11 modulo 256. */
const BYTES = Uint8Array.from({ length: 1000 }, (_, i) => (37 * i + 11) % 256);

// Length, checksum with seed 0, checksum with seed 0x9e3779b1: python-xxhash 4.1.0 on
// BYTES[:length].
test.each([
  [0, 0x02cc5d05, 0x36b78ae7],
  [1, 0x3fe5a29d, 0x35bacfe6],
  [3, 0x4021af28, 0xd3c72124],
  [4, 0x1eb8f11a, 0xdbf0c597],
  [5, 0x07b9db7d, 0xf4b9fab6],
  [15, 0x162986eb, 0x5d300d8f],
  [16, 0x96ac9fa6, 0x6d8a765e],
  [17, 0x3cdfb1a2, 0x642cf14d],
  [31, 0xdf853fbf, 0x996079fe],
  [32, 0xda8072dc, 0xe60dccbd],
  [33, 0x3c8fd07d, 0x8f4a7d52],
  [64, 0x043913c6, 0xe5c3c7cd],
  [100, 0xede8e390, 0x69664263],
  [999, 0xcff3e8f5, 0x5bf24942],
  [1000, 0x21c30739, 0x5d2187dc],
])("%d bytes have the checksum that the reference implementation gives", (length, zero, seeded) => {
  expect(xxh32(BYTES.subarray(0, length))).toBe(zero);
  expect(xxh32(BYTES.subarray(0, length), 0x9e3779b1)).toBe(seeded);
});

test("bytes off alignment have the same checksum", () => {
  const shifted = new Uint8Array(1003);
  shifted.set(BYTES, 3);
  expect(xxh32(shifted.subarray(3))).toBe(0x21c30739);
  expect(xxh32(Buffer.concat([Buffer.from("x"), BYTES]).subarray(1))).toBe(0x21c30739);
});

test("every single bit counts", () => {
  const wanted = xxh32(BYTES);
  for (let bit = 0; bit < 8000; bit += 37) {
    const changed = BYTES.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    expect(xxh32(changed)).not.toBe(wanted);
  }
});
