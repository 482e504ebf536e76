/** @file Cutting signals into windows of equal length. */

import { expected } from "../../../errors.ts";

/** How a signal is cut into windows. */
export interface WindowOptions {
  /** Samples of a window. */
  readonly length: number;
  /** Samples that neighbouring windows share, default 0. */
  readonly overlap?: number;
  /**
   * What becomes of samples after the last whole window: "drop" (default), or "pad" with zeros to
   * one window more.
   */
  readonly remainder?: "drop" | "pad";
}

/** Where the windows of `samples` samples begin. */
export function windowStarts(samples: number, options: WindowOptions): number[] {
  const { length, overlap = 0, remainder = "drop" } = options;
  if (!Number.isInteger(length) || length < 1) throw expected("length", "an integer ≥ 1", length);
  if (!Number.isInteger(overlap) || overlap < 0 || overlap >= length) {
    throw expected("overlap", `an integer from 0 to ${length - 1}`, overlap);
  }
  const hop = length - overlap;
  const starts: number[] = [];
  let start = 0;
  for (; start + length <= samples; start += hop) starts.push(start);
  // Samples that no whole window reaches.
  const covered = starts.length === 0 ? 0 : start - hop + length;
  if (remainder === "pad" && covered < samples) starts.push(start);
  return starts;
}

/**
 * Copies the window that begins at `start` into `out`, channel after channel; samples beyond the
 * end are zeros.
 *
 * @param out [channels × length], written from `outStart` on.
 */
export function copyWindow(
  channels: readonly Float64Array[],
  start: number,
  length: number,
  out: Float64Array | Float32Array,
  outStart = 0,
): void {
  for (const [c, channel] of channels.entries()) {
    const at = outStart + c * length;
    const there = Math.max(0, Math.min(length, channel.length - start));
    for (let i = 0; i < there; i++) out[at + i] = channel[start + i]!;
    for (let i = there; i < length; i++) out[at + i] = 0;
  }
}
