import { expect, test } from "vitest";

test("typed arrays are equal as before: by type, length and every element", () => {
  expect(Float32Array.of(1, Number.NaN)).toEqual(Float32Array.of(1, Number.NaN));
  expect({ of: [new Uint8Array(3)] }).toEqual({ of: [new Uint8Array(3)] });
  // A view of a part of a buffer is its own elements.
  expect(Int32Array.of(1, 2, 3).subarray(1)).toEqual(Int32Array.of(2, 3));
  expect(Float32Array.of(1, 2)).not.toEqual(Float32Array.of(1, 3));
  expect(Float32Array.of(0)).not.toEqual(Float32Array.of(-0));
  expect(Int32Array.of(0)).not.toEqual(Uint32Array.of(0));
  expect(Int32Array.of(0)).not.toEqual(Int32Array.of(0, 0));
  expect({ of: [new Uint8Array(3)] }).not.toEqual({ of: [Uint8Array.of(0, 0, 1)] });
});

test("a failure says where they differ", () => {
  const differ = () => expect(Int32Array.of(1, 2, 3)).toEqual(Int32Array.of(1, 7, 3));
  expect(differ).toThrow(/deeply equal/);
});
