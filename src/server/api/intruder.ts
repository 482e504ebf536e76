/**
 * @file GET and POST /api/intruder: the intruder game. Four contexts show where a latent is active,
 *   one where another latent is; a person says which. The answer is told only after the choice.
 */

import { z } from "zod";
import { runName } from "./common.ts";

/** The query of GET /api/intruder. */
export const intruderQuery = z.object({
  name: runName,
  member: z.string().min(1).max(256).optional().describe("Only latents of this member"),
  seed: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .optional()
    .describe("Decides which latents and contexts are drawn, and in what order; default 0"),
  from: z.coerce.number().int().min(0).max(100_000).optional().describe("First set; default 0"),
  count: z.coerce.number().int().min(1).max(20).optional().describe("How many sets; default 10"),
});

const context = z.object({
  pieces: z.array(z.string()).describe("What stands around the row; empty where rows are not text"),
  peak: z.number().int().describe("Which of the pieces is the row itself"),
  svg: z.string().nullable().describe("A picture of the row, where its kind of data has one"),
});

const intruderSet = z.object({
  id: z.string().describe("POST takes it"),
  decile: z.number().int().min(0).max(9).describe("Of the latents' densities, the rarest first"),
  contexts: z.array(context).describe("Five, one of which is the intruder"),
});

const score = z.object({
  answers: z.number().int(),
  right: z.number().int(),
  accuracy: z.number().nullable().describe("Share of right answers; null without any"),
  interval: z
    .tuple([z.number(), z.number()])
    .nullable()
    .describe("95 % interval of the accuracy, Wilson's"),
  chance: z.number().describe("What guessing gives: 0.2"),
});

const scores = z.object({
  all: score,
  deciles: z.array(score).describe("The same by decile of density, ten of them"),
});

/** Answer of GET /api/intruder. */
export const intruderSchema = z.object({
  seed: z.number().int(),
  sets: z.array(intruderSet).describe("Fewer than were asked for where latents do not suffice"),
  scores,
});

/** Body of POST /api/intruder. */
export const intruderBody = z.object({
  name: runName,
  id: z.string().min(1).max(300),
  choice: z.number().int().min(0).max(4).describe("Which of the contexts is the intruder"),
});

/** Answer of POST /api/intruder. */
export const intruderAnswerSchema = z.object({
  right: z.boolean(),
  intruder: z.number().int().describe("Which of the contexts it was"),
  member: z.string(),
  latent: z.number().int().describe("The latent that the other four contexts are of"),
  other: z.number().int().describe("The latent that the intruder is of, in the same member"),
  scores,
});

/** One set of the game. */
export type IntruderSet = z.output<typeof intruderSet>;

/** Answer of GET /api/intruder. */
export type IntruderSets = z.output<typeof intruderSchema>;

/** Answer of POST /api/intruder. */
export type IntruderVerdict = z.output<typeof intruderAnswerSchema>;

/** How many answers were right, against chance. */
export type IntruderScore = z.output<typeof score>;
