/** @file Several signals sampled together, and their common average reference. */

import { ShapeError } from "../../../errors.ts";

/** Channels of one recording at one rate. */
export interface Multichannel {
  /** Hz. */
  readonly rate: number;
  /** [channels]. */
  readonly labels: readonly string[];
  /** [channels], each [samples]. */
  readonly channels: readonly Float64Array[];
}

/**
 * The common number of samples.
 *
 * @throws {ShapeError} when the channels differ in length.
 */
export function sampleCountOf(channels: readonly Float64Array[]): number {
  const n = channels[0]?.length ?? 0;
  for (const [i, channel] of channels.entries()) {
    if (channel.length !== n) {
      throw new ShapeError("channels", `${n} samples in each`, `${channel.length} in channel ${i}`);
    }
  }
  return n;
}

/**
 * Subtracts the mean over channels from every channel, sample by sample, in place (common average
 * reference).
 */
export function commonAverageReference(channels: readonly Float64Array[]): void {
  const n = sampleCountOf(channels);
  for (let i = 0; i < n; i++) {
    let mean = 0;
    for (const channel of channels) mean += channel[i]!;
    mean /= channels.length;
    for (const channel of channels) channel[i] = channel[i]! - mean;
  }
}
