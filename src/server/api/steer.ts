/**
 * @file POST /api/steer: a prompt continued with a latent changed, and without. POST /api/effects:
 *   what such changes do to the predictions of a text, by strength.
 */

import { z } from "zod";
import { runName } from "./common.ts";

const strength = z.number().min(-1e6).max(1e6);

const change = z
  .enum(["add", "clamp", "scale"])
  .default("add")
  .describe(
    "add to every activation; clamp: as if it were this everywhere; scale where it is active",
  );

/** Body of POST /api/steer. */
export const steerBody = z.object({
  name: runName,
  member: z.string().min(1).max(256),
  latent: z.number().int().min(0),
  change,
  strength: strength.describe(
    "add: how much of the latent's decoder row; clamp: its activation; scale: the factor, 0 ablates",
  ),
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
  change: z.enum(["add", "clamp", "scale"]),
  strength: z.number(),
  prompt: z.string(),
  prompt_pieces: z.array(z.string()),
  unsteered: continuation,
  steered: continuation,
  model: z.string(),
  hook: z.string(),
  notes: z.array(z.string()).describe("A prompt that was cut, for example"),
});

/** Body of POST /api/effects. */
export const effectsBody = z.object({
  name: runName,
  member: z.string().min(1).max(256),
  latent: z.number().int().min(0),
  change,
  strengths: z.array(strength).min(1).max(12),
  text: z.string().min(1).max(10_000).describe("What is predicted; its first 256 tokens at most"),
});

/** Answer of POST /api/effects. */
export const effectsSchema = z.object({
  member: z.string(),
  latent: z.number().int(),
  change: z.enum(["add", "clamp", "scale"]),
  tokens: z.number().int().describe("Tokens that were predicted"),
  cross_entropy: z.number().describe("Of the unchanged model, nats per token"),
  effects: z.array(
    z.object({
      strength: z.number(),
      cross_entropy: z.number(),
      kl: z.number().describe("KL(unchanged ‖ changed), nats per token"),
    }),
  ),
  model: z.string(),
  hook: z.string(),
});

/** Body of POST /api/steer, as it is sent. */
export type SteerBody = z.input<typeof steerBody>;

/** Body of POST /api/effects, as it is sent. */
export type EffectsBody = z.input<typeof effectsBody>;

/** Body of POST /api/effects. */
export type EffectsRequest = z.output<typeof effectsBody>;

/** Answer of POST /api/effects. */
export type EffectsAnswer = z.output<typeof effectsSchema>;

/** Body of POST /api/steer. */
export type SteerRequest = z.output<typeof steerBody>;

/** Answer of POST /api/steer. */
export type SteerAnswer = z.output<typeof steerSchema>;
