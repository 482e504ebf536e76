/** @file Batches of pictures to train an autoencoder on: shuffled, and turned where asked. */

import { integerAt, permutation, randomStream } from "../../../base/philox.ts";
import { elementsOf } from "../groups/pixel-action.ts";

/** Pictures in memory. */
export interface Pixels {
  /** [count, size, size, channels], 0 to 255. */
  readonly pixels: Uint8Array;
  readonly count: number;
  readonly size: number;
  readonly channels: number;
}

/** Bytes as numbers from 0 to 1. */
const UNIT = Float32Array.from({ length: 256 }, (_, value) => value / 255);

/** Writes bytes as numbers from 0 to 1. */
export function pixelsToUnit(pixels: Uint8Array, out: Float32Array): void {
  for (let i = 0; i < pixels.length; i++) out[i] = UNIT[pixels[i]!]!;
}

/**
 * Gives what fills a batch. Each epoch has an order of its own and, with `augment`, turns each
 * picture by 0, 90, 180 or 270 degrees by chance. What does not fill a batch is left out of the
 * epoch.
 *
 * @returns A function of epoch and batch within it, which writes [batch, size, size, channels] from
 *   0 to 1.
 */
export function batchesOf(
  { pixels, count, size, channels }: Pixels,
  { batch, seed, augment }: { batch: number; seed: number; augment: boolean },
): (epoch: number, index: number, out: Float32Array) => void {
  const poses = elementsOf({ group: "c4" }, size, size);
  const bytes = size * size * channels;
  let order = new Int32Array();
  let turns = randomStream(seed, "");
  let known = -1;
  return (epoch, index, out) => {
    if (epoch !== known) {
      order = permutation(randomStream(seed, `autoencoder/order/${epoch}`), count);
      turns = randomStream(seed, `autoencoder/turns/${epoch}`);
      known = epoch;
    }
    let to = 0;
    for (let i = index * batch; i < (index + 1) * batch; i++) {
      const from = order[i]! * bytes;
      const map = poses[augment ? integerAt(turns, i, poses.length) : 0]!;
      for (let p = 0; p < map.length; p++) {
        const at = from + map[p]! * channels;
        for (let c = 0; c < channels; c++) out[to++] = UNIT[pixels[at + c]!]!;
      }
    }
  };
}
