/** @file Memory for what a tape computes. */

import type { Backend } from "../backend/backend.ts";

/**
 * Arrays in the order in which a tape asks for them. Tapes that record the same operations and take
 * turns, one whole step after another, may share them.
 */
export class TapeMemory {
  readonly backend: Backend;
  readonly #arrays: (Float32Array | Int32Array)[] = [];

  constructor(backend: Backend) {
    this.backend = backend;
  }

  /** What gives one tape its arrays, from the first on. */
  open(): { float32(length: number): Float32Array; int32(length: number): Int32Array } {
    let next = 0;
    const take = <T extends Float32Array | Int32Array>(
      isOne: (array: object) => array is T,
      length: number,
      allocate: (length: number) => T,
    ): T => {
      const at = next++;
      const kept = this.#arrays[at];
      if (kept && kept.length === length && isOne(kept)) return kept;
      const array = allocate(length);
      this.#arrays[at] ??= array;
      return array;
    };
    const isFloat = (array: object) => array instanceof Float32Array;
    const isInt = (array: object) => array instanceof Int32Array;
    return {
      float32: (length) => take(isFloat, length, (n) => this.backend.float32(n)),
      int32: (length) => take(isInt, length, (n) => this.backend.int32(n)),
    };
  }
}
