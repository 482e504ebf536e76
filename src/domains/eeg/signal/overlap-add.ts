/** @file Putting overlapping windows back together: a weighted mean of all that reach a sample. */

import { expected, ShapeError } from "../../../errors.ts";

/**
 * Weights of a window's samples, sin²(π (i + ½) / length): most in the middle, never zero. So every
 * sample that a window reaches has a value, and neighbouring windows fade into each other.
 *
 * @returns [length].
 */
export function fadeWeights(length: number): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length }, (_, i) => Math.sin((Math.PI * (i + 0.5)) / length) ** 2);
}

/**
 * Where windows begin that together reach every sample: every `hop` samples, and one more that ends
 * with the last sample when the others do not.
 *
 * @throws {ConcordError} `argument/invalid` when there are fewer samples than a window has.
 */
export function coveringStarts(samples: number, length: number, hop: number): number[] {
  if (!Number.isInteger(hop) || hop < 1 || hop > length)
    throw expected("hop", `an integer from 1 to the window's ${length} samples`, hop);
  if (samples < length) throw expected("samples", `at least a window's ${length}`, samples);
  const starts: number[] = [];
  for (let start = 0; start + length <= samples; start += hop) starts.push(start);
  const last = samples - length;
  if (starts.at(-1) !== last) starts.push(last);
  return starts;
}

/** Adds up windows of several channels, and gives the weighted mean. */
export class OverlapAdd {
  readonly #sums: readonly Float64Array<ArrayBuffer>[];
  readonly #weightSum: Float64Array;
  readonly #weights: Float64Array;

  /** @param length Samples of a window. */
  constructor(channels: number, samples: number, length: number) {
    this.#sums = Array.from({ length: channels }, () => new Float64Array(samples));
    this.#weightSum = new Float64Array(samples);
    this.#weights = fadeWeights(length);
  }

  /** @param window [channels × length], from sample `start` on. */
  add(window: Float32Array | Float64Array, start: number): void {
    const weights = this.#weights;
    const n = weights.length;
    if (window.length !== this.#sums.length * n)
      throw new ShapeError("OverlapAdd", `${this.#sums.length} × ${n}`, `${window.length} samples`);
    for (let i = 0; i < n; i++) this.#weightSum[start + i]! += weights[i]!;
    for (const [c, sum] of this.#sums.entries())
      for (let i = 0; i < n; i++) sum[start + i]! += weights[i]! * window[c * n + i]!;
  }

  /**
   * The mean at every sample, [channels][samples]; NaN where no window reached. To be called once.
   */
  mean(): readonly Float64Array<ArrayBuffer>[] {
    for (const sum of this.#sums)
      for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! / this.#weightSum[i]!;
    return this.#sums;
  }
}
