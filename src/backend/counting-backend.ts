/**
 * @file A backend that counts what is allocated instead of allocating it: code that prepares memory
 *   can be run to learn how much it would take, however much that is. What comes out is exact for
 *   as long as allocations go through a Backend.
 */

import type { Backend } from "./backend.ts";

/** A stand-in for a backend, and what it was asked for. */
export interface CountingBackend {
  readonly backend: Backend;
  /** Bytes asked for so far. */
  readonly bytes: number;
}

/** Has the type and length of an array, and no elements: reading or writing any is an error. */
function standIn<T extends object>(type: { readonly prototype: T }, length: number): T {
  return Object.create(type.prototype, { length: { value: length } }) as T;
}

/**
 * Counts allocations on behalf of `real`, whose packings it states. Packing weights does nothing;
 * every other kernel is `real`'s own and refuses the stand-ins.
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
