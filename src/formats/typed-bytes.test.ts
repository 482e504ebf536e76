import { describe, expect, test } from "vitest";
import { DTYPE_BYTES, DTYPES } from "../base/dtype.ts";
import { allocateElements, bytesOf, elementsOf, swapBytes } from "./typed-bytes.ts";

test("bytes of an array share its memory, those of a part only the part", () => {
  const data = Float32Array.of(1, 2, 3);
  const bytes = bytesOf(data.subarray(1, 2));
  expect(bytes.byteLength).toBe(4);
  bytes.fill(0);
  expect([...data]).toEqual([1, 0, 3]);
});

describe("elements of bytes", () => {
  test("share memory that is aligned, and copy memory that is not", () => {
    const bytes = new Uint8Array(16);
    const aligned = elementsOf("float32", bytes.subarray(4, 12));
    expect(aligned.buffer).toBe(bytes.buffer);
    const copied = elementsOf("float32", bytes.subarray(1, 9));
    expect(copied.buffer).not.toBe(bytes.buffer);
    expect([aligned.length, copied.length]).toEqual([2, 2]);
  });

  test("of a Buffer are copied too where it is not aligned", () => {
    const buffer = Buffer.alloc(9);
    buffer.writeFloatLE(1.5, 1);
    const part = buffer.subarray(1, 5);
    const aligned = part.byteOffset % 4 === 0;
    const elements = elementsOf("float32", part);
    expect(elements[0]).toBe(1.5);
    expect(elements.buffer === buffer.buffer).toBe(aligned);
  });

  test("leave out bytes that are less than one element", () => {
    expect(elementsOf("int64", new Uint8Array(15)).length).toBe(1);
  });
});

test.each(DTYPES)("%s: elements go to bytes and back", (dtype) => {
  const bytes = Uint8Array.from({ length: 4 * DTYPE_BYTES[dtype] }, (_, i) => 7 * i + 1);
  expect(bytesOf(elementsOf(dtype, bytes))).toEqual(bytes);
});

test("bytes of every number are turned round, and twice are as before", () => {
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  for (const [dtype, turned] of [
    ["float64", [8, 7, 6, 5, 4, 3, 2, 1]],
    ["int32", [4, 3, 2, 1, 8, 7, 6, 5]],
    ["float16", [2, 1, 4, 3, 6, 5, 8, 7]],
    ["uint8", [1, 2, 3, 4, 5, 6, 7, 8]],
  ] as const) {
    const own = bytes.slice();
    swapBytes(dtype, own);
    expect([...own]).toEqual(turned);
    swapBytes(dtype, own);
    expect(own).toEqual(bytes);
  }
});

test("new elements are zero, and more than there is memory for is refused by name", () => {
  expect([...allocateElements("int16", 3, "x.npy")]).toEqual([0, 0, 0]);
  expect(() => allocateElements("float64", 2 ** 50, "x.npy: t")).toThrow(
    `x.npy: t: no memory for ${2 ** 50} elements of float64 (${2 ** 53} bytes).`,
  );
});
