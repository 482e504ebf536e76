/**
 * @file A backend that counts allocations instead of making them. Code that prepares memory runs on
 *   it to learn how much it would take. The count is exact while all allocations go through a
 *   Backend.
 */

import type { Backend } from "./backend.ts";

/** A stand-in for a backend, and what was allocated on it. */
export interface CountingBackend {
  readonly backend: Backend;
  /** Bytes allocated so far. */
  readonly bytes: number;
}

/**
 * An object with the type and length of an array but without elements: reading or writing one is an
 * error.
 */
function standIn<T extends object>(type: { readonly prototype: T }, length: number): T {
  return Object.create(type.prototype, { length: { value: length } }) as T;
}

/**
 * Counts allocations on behalf of `real`, and reports its packings. Packing does nothing. Every
 * other kernel is that of `real`, which refuses the stand-ins.
 */
export function countingBackend(real: Backend): CountingBackend {
  let bytes = 0;
  const count = (added: number) => {
    bytes += added;
  };
  const backend: Backend = {
    ...real,
    float32(length) {
      count(4 * length);
      return standIn(Float32Array, length);
    },
    int32(length) {
      count(4 * length);
      return standIn(Int32Array, length);
    },
    bytes(length) {
      count(length);
      return standIn(Uint8Array, length);
    },
    packEncoder: async () => {},
    packColumns: async () => {},
  };
  return {
    backend,
    get bytes() {
      return bytes;
    },
  };
}
