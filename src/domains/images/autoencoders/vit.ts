/** @file A vision transformer as an autoencoder. */

import type { Layers, Network } from "./layers.ts";

const WIDTH = 128;
const HEADS = 2;
/** Hidden units of the layers between attentions. */
const HIDDEN = 256;
const ENCODER_BLOCKS = 2;
const DECODER_BLOCKS = 1;

/**
 * The last layer's start. Layer norm gives it numbers of variance one, and most pixels are black:
 * at 1 the first steps would only make it small again.
 */
const LAST_GAIN = 0.05;

/** Side of a patch, pixels: 16 tokens for pictures of 64, and 49 for those of 224. */
const patchOf = (size: number): number => (size > 128 ? 32 : 16);

/** x + attention, then x + two layers, each after a layer norm. */
function block<T>(layers: Layers<T>, x: T, name: string): T {
  const normal = layers.layerNorm(x, `${name}.norm_1`);
  const of = (what: string) => layers.linear(normal, `${name}.${what}`, WIDTH);
  const mixed = layers.attention(of("q"), of("k"), of("v"), HEADS);
  const attended = layers.add(x, layers.linear(mixed, `${name}.out`, WIDTH));
  const inner = layers.layerNorm(attended, `${name}.norm_2`);
  const hidden = layers.gelu(layers.linear(inner, `${name}.up`, HIDDEN));
  return layers.add(attended, layers.linear(hidden, `${name}.down`, WIDTH));
}

/**
 * Patches as tokens with learnt positions, blocks with layer norm first (Dosovitskiy et al. 2021,
 * arXiv:2010.11929), and a linear layer from all tokens to the latent; backwards with one block.
 * It has no class token, and is small enough to train on a processor in minutes.
 */
export const vit: Network = {
  name: "vit",
  refuses(size) {
    const patch = patchOf(size);
    return size % patch === 0 ? undefined : `a multiple of ${patch}, such as 64 or 224`;
  },
  encode(layers, picture, { size, latent }) {
    const patch = patchOf(size);
    const tokens = (size / patch) ** 2;
    const settings = { filters: WIDTH, kernel: patch, stride: patch, padding: 0 };
    const embedded = layers.convolution(picture, "encoder.patches", settings);
    let x = layers.addLearnt(layers.reshape(embedded, [tokens, WIDTH]), "encoder.positions");
    for (let i = 0; i < ENCODER_BLOCKS; i++) x = block(layers, x, `encoder.${i}`);
    const normal = layers.layerNorm(x, "encoder.norm");
    return layers.linear(layers.reshape(normal, [tokens * WIDTH]), "encoder.latent", latent);
  },
  decode(layers, latent, { size, channels }) {
    const patch = patchOf(size);
    const side = size / patch;
    const tokens = side ** 2;
    const flat = layers.linear(latent, "decoder.latent", tokens * WIDTH);
    let x = layers.addLearnt(layers.reshape(flat, [tokens, WIDTH]), "decoder.positions");
    for (let i = 0; i < DECODER_BLOCKS; i++) x = block(layers, x, `decoder.${i}`);
    const normal = layers.reshape(layers.layerNorm(x, "decoder.norm"), [side, side, WIDTH]);
    const patches = { kernel: patch, stride: patch, padding: 0 };
    const settings = { filters: channels, gain: LAST_GAIN, ...patches };
    return layers.transposedConvolution(normal, "decoder.patches", settings);
  },
};
