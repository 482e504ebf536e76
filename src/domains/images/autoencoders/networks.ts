/** @file The kinds of autoencoders, by the names that configs use. */

import { cnn } from "./cnn.ts";
import type { Network } from "./layers.ts";
import { mlp } from "./mlp.ts";
import { vit } from "./vit.ts";

/** Names of the kinds. */
export const AUTOENCODERS = ["cnn", "mlp", "vit"] as const;
/** One of `AUTOENCODERS`. */
export type AutoencoderName = (typeof AUTOENCODERS)[number];

/** The kinds by name. */
export const NETWORKS: Readonly<Record<AutoencoderName, Network>> = { cnn, mlp, vit };
