/** @file Names of the kinds of autoencoders, apart from their code. */

/** In the order of docs/shapes.md. */
export const AUTOENCODERS = ["cnn", "mlp", "vit"] as const;
/** One of `AUTOENCODERS`. */
export type AutoencoderName = (typeof AUTOENCODERS)[number];
