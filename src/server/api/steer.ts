/** @file POST /api/steer: a prompt continued with a latent turned up, and without. */

import { z } from "zod";
import { runName } from "./common.ts";

/** Body of POST /api/steer. */
export const steerBody = z.object({
  name: runName,
  member: z.string().min(1).max(256),
  latent: z.number().int().min(0),
  strength: z
    .number()
    .min(-1e6)
    .max(1e6)
    .describe("How much of the latent's decoder row is added at every position; 0 changes nothing"),
  prompt: z.string().min(1).max(10_000),
  tokens: z.number().int().min(1).max(200).describe("How many to continue by"),
});

const continuation = z.object({
  text: z.string(),
  pieces: z.array(z.string()).describe("Token by token"),
});

/** Answer of POST /api/steer. */
export const steerSchema = z.object({
  member: z.string(),
  latent: z.number().int(),
  strength: z.number(),
  prompt: z.string(),
  prompt_pieces: z.array(z.string()),
  unsteered: continuation,
  steered: continuation,
  model: z.string(),
  hook: z.string(),
  notes: z.array(z.string()).describe("A prompt that was cut, for example"),
});

/** Body of POST /api/steer. */
export type SteerRequest = z.output<typeof steerBody>;

/** Answer of POST /api/steer. */
export type SteerAnswer = z.output<typeof steerSchema>;
