/** @file results/interpretation_by_model.json: what a language model made of latents. */

import { z } from "zod";
import { randomStream } from "../../../../base/philox.ts";
import { meanBootstrap } from "../../../../base/statistics/bootstrap.ts";
import type { ModelJudgement } from "./judge-by-model.ts";

const score = z.object({
  mean: z.number(),
  /** 95 % interval over latents; null for fewer than two. */
  interval: z.tuple([z.number(), z.number()]).nullable(),
  latents: z.number().int(),
});

const judgedMember = z.object({
  name: z.string(),
  /** Latents that were not judged, and why. */
  unjudged: z.object({ dead: z.number(), rare: z.number(), dense: z.number() }),
  scores: z.record(z.string(), score),
  latents: z.array(
    z.object({
      latent: z.number().int(),
      /** Null where the answer could not be used. */
      explanation: z.string().nullable(),
      scores: z.record(z.string(), z.number()),
    }),
  ),
});

/** results/interpretation_by_model.json */
export const byModelSchema = z.object({
  version: z.literal(1),
  /** The model that was asked, and where. */
  judge: z.string(),
  endpoint: z.string(),
  rows: z.number().int(),
  fragment: z.number().int(),
  questions: z.object({
    asked: z.number().int(),
    /** Answered by earlier runs of the command. */
    known: z.number().int(),
    /** Whose answers were not of the form that was asked for. */
    malformed: z.number().int(),
  }),
  members: z.array(judgedMember),
});

/** results/interpretation_by_model.json */
export type ByModelResult = z.output<typeof byModelSchema>;

/** One member's judgements, its scores averaged. */
export function judgedByModel(
  name: string,
  unjudged: ByModelResult["members"][number]["unjudged"],
  judgements: ReadonlyMap<number, ModelJudgement>,
  seed: number,
): ByModelResult["members"][number] {
  const rounded = (value: number) => Number(value.toPrecision(6));
  const all = [...judgements].sort(([a], [b]) => a - b);
  const names = [...new Set(all.flatMap(([, { scores }]) => Object.keys(scores)))];
  const scores = names.map((one) => {
    const values = all.flatMap(([, { scores: of }]) => (of[one] === undefined ? [] : [of[one]]));
    const found = meanBootstrap(randomStream(seed, `by-model/${one}`), values);
    const mean = values.reduce((sum, v) => sum + v / values.length, 0);
    const interval: [number, number] | null = found ? [rounded(found[0]), rounded(found[1])] : null;
    return [one, { mean: rounded(mean), interval, latents: values.length }] as const;
  });
  return {
    name,
    unjudged,
    scores: Object.fromEntries(scores),
    latents: all.map(([latent, { explanation, scores: of }]) => {
      const own = Object.entries(of).map(([one, value]) => [one, rounded(value)] as const);
      return { latent, explanation: explanation ?? null, scores: Object.fromEntries(own) };
    }),
  };
}
