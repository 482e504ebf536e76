/** @file A tensor on a tape: float32 numbers with a shape, and where their gradient is summed. */

import { elementCount } from "../base/tensor.ts";
import type { Tape } from "./tape.ts";

/** The gradient of a loss with respect to one tensor. Operations that read the tensor add to it. */
export class Gradient {
  /** Valid once `hasBegun`; before, what an earlier pass left. */
  readonly sum: Float32Array;
  #hasBegun = false;

  constructor(sum: Float32Array) {
    this.sum = sum;
  }

  /** Whether anything was written in this pass. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Forgets what an earlier pass wrote. */
  reset(): void {
    this.#hasBegun = false;
  }

  /** Whether to add to `sum`: false for the first of a pass, who overwrites it. */
  claim(): boolean {
    const accumulate = this.#hasBegun;
    this.#hasBegun = true;
    return accumulate;
  }

  /** `sum` to add to: zeros for the first of a pass. */
  added(): Float32Array {
    if (!this.claim()) this.sum.fill(0);
    return this.sum;
  }
}

/** Numbers that a tape computes, or that it is given. */
export class TapeTensor {
  readonly tape: Tape;
  /** Row-major extents; [] is a scalar. */
  readonly shape: readonly number[];
  /** In the backend's memory; kernels read it in place. */
  readonly value: Float32Array;
  /** undefined where no parameter is upstream. */
  readonly gradient: Gradient | undefined;
  /** Operations of the tape that have run once this tensor is known. */
  readonly known: number;

  constructor(
    tape: Tape,
    shape: readonly number[],
    value: Float32Array,
    gradient: Gradient | undefined,
    known: number,
  ) {
    this.tape = tape;
    this.shape = shape;
    this.value = value;
    this.gradient = gradient;
    this.known = known;
  }

  /** Number of elements. */
  get length(): number {
    return elementCount(this.shape);
  }

  /** Extent of the last axis; 1 for a scalar. */
  get columns(): number {
    return this.shape.at(-1) ?? 1;
  }

  /** Product of the other extents. */
  get rows(): number {
    return this.length / this.columns;
  }
}
