/** @file An autoencoder of two layers each way. */

import type { Network } from "./layers.ts";

const HIDDEN = 256;

/** Pixels – 256 – latent – 256 – pixels, with ReLU between. */
export const mlp: Network = {
  name: "mlp",
  refuses: () => undefined,
  encode(layers, picture, { size, channels, latent }) {
    const pixels = layers.reshape(picture, [size * size * channels]);
    const hidden = layers.relu(layers.linear(pixels, "encoder.0", HIDDEN));
    return layers.linear(hidden, "encoder.1", latent);
  },
  decode(layers, latent, { size, channels }) {
    const hidden = layers.relu(layers.linear(latent, "decoder.0", HIDDEN));
    const pixels = layers.linear(hidden, "decoder.1", size * size * channels);
    return layers.reshape(pixels, [size, size, channels]);
  },
};
