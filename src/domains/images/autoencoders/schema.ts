/** @file The `source.model` of a config whose model is an autoencoder that Concord trains. */

import { z } from "zod";
import type { CamelKeys } from "../../../formats/key-case.ts";
import { positiveInteger, seed } from "../../../sources/schema-parts.ts";
import { AUTOENCODERS } from "./names.ts";

export const autoencoder = z.strictObject({
  autoencoder: z
    .enum(AUTOENCODERS)
    .describe("Kind: convolutions, two layers each way, or a vision transformer"),
  latent: positiveInteger.default(256).describe("Length of the latent vector, the d_in of SAEs"),
  epochs: positiveInteger
    .default(30)
    .describe("Passes over the pictures that are not held out; the published work has 100"),
  batch: positiveInteger.default(64).describe("Pictures per step"),
  lr: z
    .number()
    .gt(0)
    .default(1e-3)
    .describe(
      "Highest learning rate of Adam; it grows for a twentieth of the steps, then falls linearly to zero",
    ),
  augment: z
    .boolean()
    .default(true)
    .describe("Turn each picture by 0, 90, 180 or 270 degrees, by chance, each time"),
  seed: seed.default(0).describe("Of the weights and the order; it does not follow the run's seed"),
});

/** An autoencoder to train, as a config has it. */
export type AutoencoderConfig = CamelKeys<z.output<typeof autoencoder>>;
