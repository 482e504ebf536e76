/**
 * @file GET /api/run, /api/metrics and /api/latents: what a run's folder says, what it logged, and
 *   numbers of its latents that need no evidence.
 */

import { z } from "zod";
import {
  keyValues,
  measured,
  memberQuery,
  problemSchema,
  runName,
  statusSchema,
} from "./common.ts";

const density = z.object({
  edges: z.array(z.number()).describe("Lower edges of the bins, log10 of the density"),
  width: z.number(),
  counts: z.array(z.number()),
  dead: z.number().describe("Latents that are never active, which have no logarithm"),
});

const memberEvaluation = z.object({
  name: z.string(),
  architecture: z.string(),
  seed: z.number(),
  coupled: z.boolean(),
  label: keyValues,
  setting: keyValues,
  metrics: z.record(z.string(), measured),
  density,
});

const attempt = z.object({
  started_at: z.string(),
  ended_at: z.string().nullable(),
  host: z.string(),
  pid: z.number(),
  from_step: z.number(),
  to_step: z.number().nullable(),
  error: z.string().nullable(),
});

/** Answer of GET /api/run. */
export const runSchema = z.object({
  name: z.string(),
  status: statusSchema,
  kind: z.string().nullable(),
  data: z.string().nullable().describe("What the activations are, in words"),
  unit: z.string().describe("What one activation stands for: tokens, windows, activations"),
  substitute: z.string().nullable().describe("What the activations are a substitute for, if so"),
  steps: z.number().nullable(),
  total_steps: z.number().nullable(),
  created_at: z.string(),
  versions: z.record(z.string(), z.string()),
  backend: z.object({ name: z.string(), isa: z.string(), threads: z.number() }),
  attempts: z.array(attempt).describe("Processes that worked on it, the first one first"),
  provenance: keyValues,
  measured: z
    .record(z.string(), z.number())
    .describe("What training took: activations_per_second, peak_memory_bytes, …"),
  config: keyValues.nullable().describe("The resolved config, in the words of the YAML"),
  config_text: z.string().nullable().describe("config.yaml as it stands"),
  evaluation: z
    .object({ rows: z.number(), members: z.array(memberEvaluation) })
    .nullable()
    .describe("On held-out activations; null while the run has not got that far"),
  warnings: z.array(
    z.object({ code: z.string(), message: z.string(), members: z.array(z.string()) }),
  ),
  notes: z.array(z.string()).describe("What cannot be averaged or compared, a sentence each"),
  step_milliseconds: z
    .object({
      source: z.number(),
      coupling: z.number(),
      members: z.number(),
      total: z.number(),
    })
    .nullable()
    .describe("Mean milliseconds of a logged step by what they were spent on"),
  events: z.object({
    count: z.number(),
    first: z.array(z.object({ step: z.number() }).loose()).describe("At most 200"),
  }),
  files: z.array(z.object({ name: z.string(), bytes: z.number() })),
  has_features: z.boolean(),
  can_steer: z.boolean().describe("Whether POST /api/steer can answer for this kind of data"),
  problems: z.array(problemSchema).describe("Files that could not be read; the rest is here"),
});

/** The query of GET /api/metrics. */
export const metricsQuery = z.object({
  name: runName,
  keys: z
    .string()
    .max(256)
    .optional()
    .describe(
      "Which columns of the members, with commas between; default `fvu,loss,l0,dead,gt_mcc,gt_mcc_null`",
    ),
});

const curve = z.object({
  step: z.array(z.number()),
  value: z.array(z.number()),
  logged: z.number().describe("Points in the log; more than are here when it was thinned"),
});

/** Answer of GET /api/metrics. */
export const metricsSchema = z.object({
  name: z.string(),
  lines: z.number().describe("Lines of metrics.jsonl"),
  last_step: z.number().describe("0 without a line"),
  keys: z.array(z.string()).describe("Columns that members have in the log"),
  members: z.array(
    z.object({
      name: z.string(),
      curves: z
        .record(z.string(), curve)
        .describe("By column; thinned so that lowest and highest values stay"),
    }),
  ),
  coupling_loss: curve,
  pw_mcc: z
    .array(z.object({ setting: keyValues, mean: curve, null: curve }))
    .describe("By setting, at the steps that measured it; `setting` is empty where there is one"),
});

/** The query of GET /api/latents. */
export const latentsQuery = memberQuery;

/** Answer of GET /api/latents: one element per latent; null for what was not measured. */
export const latentsSchema = z.object({
  name: z.string(),
  member: z.string(),
  density: z.array(z.number()).nullable().describe("Share of held-out rows it is active in"),
  best_in_others: z.array(z.number()).nullable().describe("Largest cosine in any other member"),
  best_in_others_null: z
    .number()
    .nullable()
    .describe("What unrelated directions would show, on average"),
  best_in_truth: z.array(z.number()).nullable().describe("Largest cosine to a true feature"),
  best_in_truth_null: z.number().nullable(),
});

/** Answer of GET /api/run. */
export type RunAnswer = z.output<typeof runSchema>;

/** Answer of GET /api/metrics. */
export type MetricsAnswer = z.output<typeof metricsSchema>;

/** Answer of GET /api/latents. */
export type LatentsAnswer = z.output<typeof latentsSchema>;
