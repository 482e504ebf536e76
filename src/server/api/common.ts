/**
 * @file What several answers of the HTTP API have in common. Descriptions reach the OpenAPI
 *   document; types are for the page.
 */

import { z } from "zod";

/** A number that may be missing or not finite: JSON has no NaN, so both are null. */
export const measured = z.number().nullable();

/** Values by the keys of a config. */
export const keyValues = z.record(z.string(), z.unknown());

/** The name of a run, as every route but the list of runs takes it. */
export const runName = z
  .string()
  .min(1)
  .max(1024)
  .describe("The run's name: its path below the served folder, as /api/runs gives it");

/** The query of routes about a whole run. */
export const runQuery = z.object({ name: runName });

/** The query of routes about a member of a run. */
export const memberQuery = z.object({
  name: runName,
  member: z.string().min(1).max(256).describe("Name of a member of the run"),
});

/** What a run may be doing, or how it ended. */
export const statusSchema = z
  .enum(["finished", "running", "interrupted", "failed", "killed", "unreadable"])
  .describe("`killed`: run.json says running, but the process is gone");

/** Why a request has no answer. */
export const errorSchema = z.object({
  error: z.string().describe("What was expected, what came and where; one line"),
  hint: z.string().nullable().describe("What to do next, a command for example"),
  code: z.string().describe("Stable identifier of the failure: `file/missing`, `features/missing`"),
});

/** Something of a run that could not be read, while the rest could. */
export const problemSchema = z.object({
  part: z.string().describe("What is missing from the answer: `results/evaluation.json`"),
  error: z.string(),
  hint: z.string().nullable(),
});

/** A similarity of two dictionaries beside its null. */
export const similarity = {
  mcc: measured.describe("Mean cosine of atoms matched one to one"),
  mcc_null: measured,
  mean_max: z
    .tuple([measured, measured])
    .describe("Mean of the largest cosines, a to b and b to a"),
  mean_max_null: z.tuple([measured, measured]),
  shared: measured.describe("Fraction of matched pairs with a cosine of at least 0.7"),
  shared_null: measured,
};

/** Why a request has no answer. */
export type ApiError = z.output<typeof errorSchema>;

/** Something of a run that could not be read. */
export type Problem = z.output<typeof problemSchema>;

/** What a run may be doing, or how it ended. */
export type Status = z.output<typeof statusSchema>;
