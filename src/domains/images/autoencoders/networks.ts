/** @file The kinds of autoencoders, by the names that configs use. */

import { cnn } from "./cnn.ts";
import type { Network } from "./layers.ts";
import { mlp } from "./mlp.ts";
import type { AutoencoderName } from "./names.ts";
import { vit } from "./vit.ts";

/** The kinds by name. */
export const NETWORKS: Readonly<Record<AutoencoderName, Network>> = { cnn, mlp, vit };
