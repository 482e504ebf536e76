/**
 * @file GET /api/live: the server-sent events of a run that is watched. The stream ends after an
 *   `end` or a `gone` event; a browser that reconnects is told where it left off.
 */

import { z } from "zod";
import { keyValues, measured, runName, statusSchema } from "./common.ts";

/** The query of GET /api/live. */
export const liveQuery = z.object({
  name: runName,
  after: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe("Only lines of later steps; the header Last-Event-ID wins over it"),
});

/** Data of a `status` event: sent first, and whenever something of it changes. */
export const liveStatusSchema = z.object({
  status: statusSchema,
  steps: z.number().nullable(),
  total_steps: z.number().nullable(),
  unit: z.string().describe("What one activation stands for: tokens, windows, activations"),
  per_second: measured.describe("Activations per second, as it was seen within the last minute"),
  eta_seconds: measured.describe("Time left; null before it is known and when it does not run"),
  memory_bytes: measured.describe("Resident memory of the trainer, where it runs on this machine"),
  pid: z.number().nullable(),
  host: z.string().nullable(),
  message: z
    .string()
    .nullable()
    .describe("What a person should know: that the trainer died, and how to go on"),
});

/** Data of a `metrics` event: a line of metrics.jsonl. Its id is its step. */
export const liveMetricsSchema = z.object({
  step: z.number(),
  activations: z.number().nullable(),
  members: z.record(z.string(), z.record(z.string(), measured)),
  coupling_loss: measured,
  pw_mcc: z
    .array(z.object({ setting: keyValues, mean: z.number(), null: measured }))
    .describe("By setting; empty for a step that did not measure it"),
});

/** Data of a `warning` event: a line of events.jsonl. */
export const liveWarningSchema = z.object({ step: z.number() }).loose();

/** Data of a `gone` event: the folder was removed or can no longer be read. */
export const liveGoneSchema = z.object({ error: z.string(), hint: z.string().nullable() });

/** Data of an `end` event: nothing more will come. */
export const liveEndSchema = z.object({ status: statusSchema });

/** What GET /api/live tells: events by name, each with its data as JSON. */
export const liveEventSchema = z.union([
  z.object({ event: z.literal("status"), data: liveStatusSchema }),
  z.object({ event: z.literal("metrics"), id: z.string(), data: liveMetricsSchema }),
  z.object({ event: z.literal("warning"), data: liveWarningSchema }),
  z.object({ event: z.literal("gone"), data: liveGoneSchema }),
  z.object({ event: z.literal("end"), data: liveEndSchema }),
]);

/** Data of a `status` event. */
export type LiveStatus = z.output<typeof liveStatusSchema>;

/** Data of a `metrics` event. */
export type LiveMetrics = z.output<typeof liveMetricsSchema>;

/** Data of a `warning` event. */
export type LiveWarning = z.output<typeof liveWarningSchema>;

/** Data of a `gone` event. */
export type LiveGone = z.output<typeof liveGoneSchema>;

/** Data of an `end` event. */
export type LiveEnd = z.output<typeof liveEndSchema>;
