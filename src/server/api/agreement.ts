/** @file GET /api/agreement: how alike the dictionaries of a run's members are. */

import { z } from "zod";
import { keyValues, measured, problemSchema, similarity } from "./common.ts";

const start = z.object({
  same_index: measured.describe("Mean cosine of atoms of one index before the first step"),
  mean_max: measured.describe("Mean of the largest cosines before the first step"),
  mean_max_null: measured,
});

/** Answer of GET /api/agreement. */
export const agreementSchema = z.object({
  name: z.string(),
  threshold: z.number().describe("The cosine from which a matched pair counts as shared: 0.7"),
  members: z
    .array(
      z.object({
        name: z.string(),
        seed: z.number(),
        coupled: z.boolean(),
        setting: keyValues,
      }),
    )
    .describe("Rows and columns of the heat map"),
  pairs: z
    .array(
      z.object({
        a: z.string(),
        b: z.string(),
        ...similarity,
        relation: z
          .enum(["replicates", "other setting", "shared seed", "unknown"])
          .describe("Means count replicates alone: members that differ in their seeds only"),
        independent: z.boolean().describe("Whether b is a member that no coupling touched"),
        start: start.nullable().describe("How alike they were before the first step"),
      }),
    )
    .describe("Every pair that was compared, once"),
  pw_mcc: z
    .object({ mean: measured, null: measured })
    .nullable()
    .describe("Mean MCC over replicates; null for several settings and without a pair"),
  pw_mcc_by_setting: z.array(
    z.object({ setting: keyValues, mean: measured, null: measured, pairs: z.number() }),
  ),
  sampled_pairs: z
    .object({ compared: z.number(), of: z.number() })
    .nullable()
    .describe("When not every pair was compared"),
  ground_truth: z
    .array(z.object({ member: z.string(), ...similarity }))
    .describe("Each member against the true features; empty where the data has none"),
  notes: z.array(z.string()).describe("What no mean counts, a sentence each"),
  problems: z.array(problemSchema),
});

/** Answer of GET /api/agreement. */
export type AgreementAnswer = z.output<typeof agreementSchema>;
