/**
 * @file Set up for every test file: typed arrays of the same bytes are equal without a look at each
 *   element, which vitest takes microseconds for. Arrays of other bytes are left to vitest, which
 *   says where they differ.
 */

import { expect } from "vitest";

function bytesOf(value: unknown): Uint8Array | undefined {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : undefined;
}

expect.addEqualityTesters([
  function equalArrays(received: unknown, expected: unknown): boolean | undefined {
    const [one, other] = [bytesOf(received), bytesOf(expected)];
    if (one === undefined || other === undefined) return undefined;
    if (Object.getPrototypeOf(received) !== Object.getPrototypeOf(expected)) return undefined;
    return Buffer.compare(one, other) === 0 ? true : undefined;
  },
]);
