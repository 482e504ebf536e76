/** @file Batches of pictures to train an autoencoder on: shuffled, and turned where asked. */

import { integerAt, permutation, randomStream } from "../../../base/philox.ts";

/** Pictures in memory. */
export interface Pixels {
  /** [count, size, size, channels], 0 to 255. */
  readonly pixels: Uint8Array;
  readonly count: number;
  readonly size: number;
  readonly channels: number;
}

/** How many ways a square picture can be turned by a quarter. */
const TURNS = 4;

/** By number of quarter turns counterclockwise: the pixel that each pixel comes from. */
function turnedPixels(size: number): readonly Int32Array[] {
  return Array.from({ length: TURNS }, (_, turns) => {
    const from = new Int32Array(size * size);
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        let at: readonly [number, number] = [y, x];
        for (let i = 0; i < turns; i++) at = [at[1], size - 1 - at[0]];
        from[y * size + x] = at[0] * size + at[1];
      }
    return from;
  });
}

/**
 * Gives what fills a batch. Each epoch has an order of its own and, with `augment`, turns each
 * picture by 0, 90, 180 or 270 degrees. What does not fill a batch is left out of the epoch.
 *
 * @returns A function of epoch and batch within it, which writes [batch, size, size, channels] from
 *   0 to 1.
 */
export function batchesOf(
  { pixels, count, size, channels }: Pixels,
  { batch, seed, augment }: { batch: number; seed: number; augment: boolean },
): (epoch: number, index: number, out: Float32Array) => void {
  const maps = turnedPixels(size);
  const bytes = size * size * channels;
  const unit = Float32Array.from({ length: 256 }, (_, value) => value / 255);
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
      const map = maps[augment ? integerAt(turns, i, TURNS) : 0]!;
      for (let p = 0; p < map.length; p++) {
        const at = from + map[p]! * channels;
        for (let c = 0; c < channels; c++) out[to++] = unit[pixels[at + c]!]!;
      }
    }
  };
}
