/** @file Values that several sections of a config have in common. */

import { z } from "zod";

export const positiveInteger = z.int().min(1);

export const seed = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

export const sourceSeed = seed
  .optional()
  .describe("Seed of the data, or of its order; default: the run's seed");

/** Memory of a source that keeps or buffers its data. */
export const bufferBytes = positiveInteger
  .default(2 ** 30)
  .describe("Memory the source may hold, bytes");

export const heldOutFraction = z.number().gt(0).lt(1).default(0.1);
