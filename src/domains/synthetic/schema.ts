/** @file The `source` of a config whose activations are generated. */

import { z } from "zod";
import type { CamelKeys } from "../../formats/key-case.ts";
import {
  draw,
  normalize,
  positiveInteger,
  residualOf,
  sourceSeed,
} from "../../sources/schema-parts.ts";
import { ACTIONS, COEFFICIENT_KINDS, GENERATORS, POSES, REPRESENTATIVES } from "./options.ts";

export const syntheticSource = z.strictObject({
  kind: z.literal("synthetic").describe("Generated on the fly, with known features"),
  generator: z
    .enum(GENERATORS)
    .default("mfr")
    .describe("The generator; it decides the defaults of the other keys"),
  d_in: positiveInteger.optional().describe("Width of an activation"),
  features: positiveInteger.optional().describe("Ground-truth features"),
  normalize_features: z.boolean().optional().describe("Scale the features to length one"),
  groups: positiveInteger.optional().describe("Groups that active features come from"),
  active: positiveInteger.optional().describe("Active features per row"),
  decay: z
    .number()
    .gt(0)
    .max(1)
    .optional()
    .describe("Weight of each feature of a group relative to the one before"),
  support: z
    .enum(["per_sample", "per_batch_group"])
    .optional()
    .describe(
      "per_sample: each row draws its active features; per_batch_group: rows share a draw, as in the MFR authors' code",
    ),
  generation_batch: positiveInteger
    .optional()
    .describe("Rows that share a draw with per_batch_group"),
  coefficients: z
    .enum(COEFFICIENT_KINDS)
    .optional()
    .describe("Strength of an active feature: U(0, 1), |N(0, 1)|, or the product of two U(0, 1)"),
  noise: z.number().min(0).optional().describe("Standard deviation of added normal noise"),
  correlated: z.boolean().optional().describe("sparse_coding: correlated activation probabilities"),
  group: z
    .string()
    .optional()
    .describe("orbits: the group that moves the features: c4 (rotations), d4 (and reflections), …"),
  action: z
    .enum(ACTIONS)
    .optional()
    .describe(
      "orbits: the matrices that SAEs are told: the exact ones, fitted ones, or those of a wrong action with its orbits, as a control",
    ),
  representative: z
    .enum(REPRESENTATIVES)
    .optional()
    .describe(
      "orbits: the pose that comes first: that of the features, or one that is drawn once per orbit and kept",
    ),
  poses: z
    .enum(POSES)
    .optional()
    .describe("orbits: what trains of an orbit: all its poses, or one, drawn once and kept"),
  train_rows: positiveInteger
    .optional()
    .describe("Distinct training rows, repeated in order; default: rows never repeat"),
  held_out_rows: positiveInteger.optional().describe("Rows drawn for evaluation"),
  normalize,
  residual_of: residualOf,
  seed: sourceSeed,
  draw: draw.describe(
    "Train on one of several streams of rows of the same features, which have no draw in common. Held-out rows are the same for all parts",
  ),
});

export type SyntheticConfig = CamelKeys<z.output<typeof syntheticSource>>;
