/** @file A convolutional autoencoder. */

import type { Network } from "./layers.ts";

/** Channels of the first stage; each later one has twice as many, up to `MOST_CHANNELS`. */
const FIRST_CHANNELS = 16;
const MOST_CHANNELS = 64;

/** Stages halve the picture until its side is this long or shorter. */
const LAST_SIDE = 8;

/** Channels by stage. */
function stagesOf(size: number): readonly number[] {
  const stages: number[] = [];
  for (let side = size; side > LAST_SIDE; side /= 2)
    stages.push(Math.min(MOST_CHANNELS, FIRST_CHANNELS * 2 ** stages.length));
  return stages;
}

/** How one stage convolves: 3 × 3, every second pixel. */
const halving = (filters: number) => ({ filters, kernel: 3, stride: 2, padding: 1 });

/**
 * Convolutions 3 × 3 with stride 2 and ReLU down to a side of at most 8, a linear layer to the
 * latent, and the same backwards. Pictures of 64 have three stages, those of 224 have five.
 */
export const cnn: Network = {
  name: "cnn",
  refuses(size) {
    const multiple = 2 ** stagesOf(size).length;
    return size % multiple === 0 ? undefined : `a multiple of ${multiple}, such as 64 or 224`;
  },
  encode(layers, picture, { size, latent }) {
    let x = picture;
    for (const [i, filters] of stagesOf(size).entries())
      x = layers.relu(layers.convolution(x, `encoder.${i}`, halving(filters)));
    const flat = layers.shapeOf(x).reduce((product, n) => product * n, 1);
    return layers.linear(layers.reshape(x, [flat]), "encoder.latent", latent);
  },
  decode(layers, latent, { size, channels }) {
    const stages = stagesOf(size);
    const side = size / 2 ** stages.length;
    const inner = [side, side, stages.at(-1) ?? channels];
    const flat = layers.linear(latent, "decoder.latent", side * side * inner[2]!);
    let x = layers.reshape(layers.relu(flat), inner);
    for (let i = stages.length - 1; i >= 0; i--) {
      const filters = i === 0 ? channels : stages[i - 1]!;
      x = layers.transposedConvolution(x, `decoder.${i}`, halving(filters));
      if (i > 0) x = layers.relu(x);
    }
    return x;
  },
};
