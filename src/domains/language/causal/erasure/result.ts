/** @file What `concord erase` keeps. */

import { z } from "zod";
import { scoreSchema } from "../patching/result.ts";
import type { ErasedPredictions, OverPairs } from "./erasure-scores.ts";
import type { Erasure } from "./erasures.ts";

const interval = z.tuple([z.number(), z.number()]).nullable();
const estimate = z.object({ mean: z.number(), interval });

const method = z.object({
  name: z.string(),
  /** Of ways that differ in how many latents they ablate, what they have in common. */
  group: z.string(),
  /** Latents that are ablated; null for closed forms. */
  latents: z.array(z.number()).nullable(),
  /** Accuracy of a logistic probe after the erasure, on held-out fillings; chance is .5. */
  probe: estimate,
  /** The model: share of right answers, logit difference, KL(unchanged ‖ erased) in nats. */
  accuracy: estimate,
  logit_difference: estimate,
  kl: estimate,
  /** Mean ‖Δ‖₂ per erased token. */
  edit: z.number(),
  /** KL per token of the other text; null without one. */
  text_kl: z.number().nullable(),
});

/** `<task>-erasure.json` */
export const erasureSchema = z.object({
  version: z.literal(1),
  model: z.string(),
  hook: z.string(),
  task: z.string(),
  answers: z.tuple([z.string(), z.string()]),
  seed: z.number(),
  pairs: z.number(),
  tokens: z.enum(["all", "last"]),
  rows: z.number(),
  held_out_rows: z.number(),
  score: scoreSchema,
  methods: z.array(method),
});

/** What `concord erase` keeps. */
export type ErasureResult = z.output<typeof erasureSchema>;

const round = (value: number) => Number(value.toPrecision(6));
const kept = ({ mean, interval }: OverPairs): z.output<typeof estimate> => ({
  mean: round(mean),
  interval: interval ? [round(interval[0]), round(interval[1])] : null,
});

/** One way, as it is kept. */
export const keptErasure = (
  { name, group, latents }: Erasure,
  probe: OverPairs,
  { accuracy, difference, kl, edit }: ErasedPredictions,
  onText: number | undefined,
): z.output<typeof method> => ({
  name,
  group: group ?? name,
  latents: latents ? [...latents] : null,
  probe: kept(probe),
  accuracy: kept(accuracy),
  logit_difference: kept(difference),
  kl: kept(kl),
  edit: round(edit),
  text_kl: onText === undefined ? null : round(onText),
});
