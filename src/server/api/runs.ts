/** @file GET /api/runs: all runs of the served folder, each with what a table and a plot need. */

import { z } from "zod";
import { keyValues, measured, statusSchema } from "./common.ts";

const memberLine = z.object({
  name: z.string(),
  seed: z.number(),
  coupled: z.boolean().describe("False for the independent members, which no coupling touches"),
  setting: keyValues.describe("What members differ in besides their seeds"),
  metrics: z.record(z.string(), measured).describe("By metric name, on held-out activations"),
});

const besideNull = z.object({ value: measured, null: measured });

const runLine = z.object({
  name: z.string().describe("Path below the served folder, with /; the other routes take it"),
  status: statusSchema,
  kind: z.string().nullable().describe("`source.kind`: synthetic, arrays, …"),
  data: z.string().nullable().describe("What the activations are, in words"),
  steps: z.number().nullable(),
  total_steps: z.number().nullable(),
  settings: keyValues.describe(
    "The config's values by path with dots, `population.k`; empty where it cannot be read",
  ),
  metrics: z
    .record(z.string(), besideNull)
    .describe(
      "Headline numbers by metric name (fvu, l0, dead_fraction, pw_mcc, gt_mcc, …): means over the members that couplings include; only where these have one setting. `null` is null for metrics without one",
    ),
  members: z.array(memberLine).describe("Empty until the run is evaluated"),
  sparkline: z
    .object({ step: z.array(z.number()), fvu: z.array(measured) })
    .describe("FVU of the training batches, mean over members, at most 64 points"),
  has_features: z.boolean().describe("Whether `concord features` has been run on it"),
  warnings: z.array(z.string()).describe("Reasons to doubt its numbers"),
  created_at: z.string().nullable(),
  changed_at: z.string().nullable().describe("When it ended last, or began when it has not"),
  problem: z
    .string()
    .nullable()
    .describe("What is wrong with an unreadable run, or what made it fail"),
});

/** Answer of GET /api/runs. */
export const runsSchema = z.object({
  folder: z.string().describe("The served folder, as a path of the machine"),
  runs: z.array(runLine).describe("By name"),
  varying: z
    .array(z.string())
    .describe("Keys of `settings` in which the listed runs differ, names aside"),
});

/** One run in the list. */
export type RunLine = z.output<typeof runLine>;

/** Answer of GET /api/runs. */
export type RunsAnswer = z.output<typeof runsSchema>;
