/** @file results/interpretation.json: what judges made of latents, as it is kept. */

import { z } from "zod";
import { randomStream } from "../../../base/philox.ts";
import { meanBootstrap } from "../../../base/statistics/bootstrap.ts";
import { spearman } from "../../../base/statistics/spearman.ts";
import type { JudgedSae } from "./judge-latents.ts";

const score = z.object({
  mean: z.number(),
  /** 95 % interval over latents; null for fewer than two. */
  interval: z.tuple([z.number(), z.number()]).nullable(),
  /** Mean of the control, the same activations in other rows; null where there is none. */
  control: z.number().nullable(),
  /** Mean difference from the control over latents that have both, with its interval. */
  above_control: z
    .object({ mean: z.number(), interval: z.tuple([z.number(), z.number()]).nullable() })
    .nullable(),
  /** Latents that have the score. */
  latents: z.number().int(),
  /** Spearman correlation with how similar the nearest atom in another member is. */
  with_recurrence: z.number().nullable(),
});

const judgedMember = z.object({
  name: z.string(),
  label: z.record(z.string(), z.unknown()),
  /** Latents that were not judged, and why. */
  unjudged: z.object({ dead: z.number(), rare: z.number(), dense: z.number() }),
  scores: z.record(z.string(), score),
  /** Judged latents, ascending, and what was said of each, in the same order. */
  latents: z.array(z.number().int()),
  rules: z.array(z.array(z.string())),
  values: z.record(z.string(), z.array(z.number().nullable())),
});

/** results/interpretation.json */
export const interpretationSchema = z.object({
  version: z.literal(1),
  model: z.string(),
  hook: z.string(),
  rows: z.number().int(),
  held_out_rows: z.number().int(),
  fragment: z.number().int(),
  /** What each embedder looks at. */
  embedders: z.record(z.string(), z.string()),
  members: z.array(judgedMember),
  /** Spearman correlation of each two scores over the latents of all members. */
  agreement: z.array(z.object({ scores: z.tuple([z.string(), z.string()]), spearman: z.number() })),
  /** What could not be done, and why, a sentence each. */
  left_out: z.array(z.string()),
});

/** results/interpretation.json */
export type InterpretationResult = z.output<typeof interpretationSchema>;
/** What judges made of one member. */
export type InterpretedMember = z.output<typeof judgedMember>;

const rounded = (value: number) => Number(value.toPrecision(6));
const finite = (value: number) => (Number.isFinite(value) ? rounded(value) : null);
const meanOf = (values: readonly number[]) => values.reduce((sum, v) => sum + v / values.length, 0);

function intervalOf(values: readonly number[], seed: number, name: string) {
  const found = meanBootstrap(randomStream(seed, `interpretation/${name}`), values);
  return found ? ([rounded(found[0]), rounded(found[1])] as [number, number]) : null;
}

/** The scores of one member over its latents. */
function scoresOf(
  { latents }: JudgedSae,
  names: readonly string[],
  recurrence: Float32Array | undefined,
  seed: number,
): InterpretedMember["scores"] {
  const scores: InterpretedMember["scores"] = {};
  for (const name of names) {
    const having = latents.filter((one) => one.scores[name] !== undefined);
    if (having.length === 0) continue;
    const values = having.map((one) => one.scores[name]!);
    const paired = having.filter((one) => one.control[name] !== undefined);
    const differences = paired.map((one) => one.scores[name]! - one.control[name]!);
    const best = recurrence && Float32Array.from(having, ({ latent }) => recurrence[latent]!);
    scores[name] = {
      mean: rounded(meanOf(values)),
      interval: intervalOf(values, seed, name),
      control:
        paired.length === 0 ? null : rounded(meanOf(paired.map((one) => one.control[name]!))),
      above_control:
        paired.length === 0
          ? null
          : {
              mean: rounded(meanOf(differences)),
              interval: intervalOf(differences, seed, `${name}/above`),
            },
      latents: having.length,
      with_recurrence: best ? finite(spearman(Float32Array.from(values), best)) : null,
    };
  }
  return scores;
}

/** Names of scores that some latent has, in the order in which they come. */
function namesOf(judged: readonly JudgedSae[]): string[] {
  const all = judged.flatMap(({ latents }) => latents.flatMap((one) => Object.keys(one.scores)));
  return [...new Set(all)].sort();
}

/** How scores go together over all latents that have both. */
function agreementOf(judged: readonly JudgedSae[], names: readonly string[]) {
  const latents = judged.flatMap((one) => one.latents);
  const agreement: InterpretationResult["agreement"] = [];
  for (const [i, a] of names.entries())
    for (const b of names.slice(i + 1)) {
      const both = latents.filter(
        ({ scores }) => scores[a] !== undefined && scores[b] !== undefined,
      );
      const column = (name: string) => Float32Array.from(both, (one) => one.scores[name]!);
      const rho = spearman(column(a), column(b));
      if (Number.isFinite(rho)) agreement.push({ scores: [a, b], spearman: rounded(rho) });
    }
  return agreement;
}

/** A member that was judged. */
export interface SummarisedSae {
  readonly name: string;
  readonly label: Readonly<Record<string, unknown>>;
  readonly judged: JudgedSae;
  /** Cosine of each atom with the nearest in another member, [d_sae]; undefined: none. */
  readonly recurrence?: Float32Array | undefined;
}

/** What is kept of the members, and how scores go together. */
export function summariseSaes(
  saes: readonly SummarisedSae[],
  seed: number,
): Pick<InterpretationResult, "members" | "agreement"> {
  const judged = saes.map((sae) => sae.judged);
  const names = namesOf(judged);
  const members = saes.map(({ name, label, judged: of, recurrence }): InterpretedMember => {
    const scores = scoresOf(of, names, recurrence, seed);
    const values = Object.keys(scores).map((score) => {
      const column = of.latents.map((one) => finite(one.scores[score] ?? Number.NaN));
      return [score, column] as const;
    });
    return {
      name,
      label,
      unjudged: of.unjudged,
      scores,
      latents: of.latents.map(({ latent }) => latent),
      rules: of.latents.map(({ rules }) => [...rules]),
      values: Object.fromEntries(values),
    };
  });
  return { members, agreement: agreementOf(judged, names) };
}
