/** @file Keys that every coupling of matched atoms has in a config. */

import { z } from "zod";
import { positiveInteger } from "../../sources/schema-parts.ts";
import { MATCHED_DEFAULTS } from "./matched-coupling.ts";

const fraction = z.number().min(0).max(1);

const anneal = z
  .strictObject({
    start: fraction
      .default(0.2)
      .describe("Fraction of the steps after which the weight begins to fall"),
    end: fraction.default(0.6).describe("Fraction of the steps after which it is zero"),
  })
  .refine(({ start, end }) => start <= end, { error: "expected start to be at most end" });

const apart = z.strictObject({
  weight: z.number().gt(0).default(1).describe("Weight of the term in the loss"),
  above: z.number().min(-1).lt(1).default(0.5).describe("Cosine from which two atoms are pushed"),
});

export const matchedKeys = {
  weight: z.number().min(0).describe("Weight of the coupling in the loss; 0 means no coupling"),
  matching: z
    .enum(["hungarian", "max", "symmetric_max"])
    .default(MATCHED_DEFAULTS.matching)
    .describe(
      "hungarian: exact one-to-one; max: nearest atom; symmetric_max: nearest atom in both directions",
    ),
  pair_norm: z
    .enum(["mean", "sum"])
    .default(MATCHED_DEFAULTS.pairNorm)
    .describe("mean or sum over the pairs of members"),
  warmup_steps: z
    .int()
    .min(0)
    .default(MATCHED_DEFAULTS.warmupSteps)
    .describe("Steps of cosine warm-up"),
  anneal: z
    .union([z.literal(false), anneal])
    .default(false)
    .describe(
      "Let the weight fall to zero, as half a cosine, so that members end without the coupling. An extended run uses the new number of steps from then on",
    ),
  refresh_every: positiveInteger
    .default(MATCHED_DEFAULTS.refreshEvery)
    .describe("Age of a pair's matching, in steps, after which the pair is matched again"),
  pairs_per_step: positiveInteger.optional().describe("Random pairs per step; default: all pairs"),
  apart: z
    .union([z.literal(false), apart])
    .default(false)
    .describe(
      "Push atoms of one member apart that are nearly the same; it does so at weight 0, too",
    ),
};
