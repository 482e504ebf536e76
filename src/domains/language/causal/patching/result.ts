/**
 * @file What `concord patch` keeps: curves with intervals over prompt pairs, and equal-KL tables.
 */

import { z } from "zod";
import { randomStream } from "../../../../base/philox.ts";
import { bootstrapInterval } from "../../../../base/statistics/bootstrap.ts";
import type { TaskScore } from "../check-task.ts";
import type { CurvePoint } from "./curve.ts";
import { reached } from "./equal-divergence.ts";
import type { Patched } from "./patched-pairs.ts";
import type { RankedLatent } from "./rank-latents.ts";

const interval = z.tuple([z.number(), z.number()]).nullable();
const estimate = z.object({ mean: z.number(), interval });

const point = z.object({
  /** Size of the set; for a threshold also that. */
  latents: z.number(),
  per_pair: z.number(),
  /** KL(counterfactual ‖ patched), nats. */
  kl: estimate,
  /** KL(patched ‖ counterfactual), nats. */
  kl_reverse: estimate,
  /** Share of the logit difference between prompt and counterfactual that is recovered. */
  recovered: estimate,
  /** Mean ‖Δ‖₂ per token, and that over the mean distance of the counterfactual's rows. */
  edit: z.number(),
  edit_relative: z.number(),
  /** By pair, for comparisons: kl and edit. */
  pairs: z.array(z.tuple([z.number(), z.number()])),
});

const needed = z.object({
  /** Share of the divergence without a patch. */
  share: z.number(),
  /** null: not reached by any set. */
  latents: z.number().nullable(),
  interval,
  edit: z.number().nullable(),
  edit_interval: interval,
});

/** One dictionary. */
export const patchedDictionarySchema = z.object({
  name: z.string(),
  architecture: z.string(),
  d_sae: z.number(),
  /** SHA-256 of what decides it: a result with another key is not reused. */
  key: z.string(),
  /** Latents that differ in some pair. */
  differing: z.number(),
  search: z.enum(["effect", "threshold"]),
  points: z.array(point),
  /** The same latents in a drawn order. */
  drawn_order: z.array(point),
  needed: z.array(needed),
  needed_drawn: z.array(needed),
  /** Those of the largest effect alone. */
  strongest: z.array(
    z.object({
      latent: z.number(),
      effect: z.number(),
      logit_difference: z.number(),
      pairs: z.number(),
    }),
  ),
});

/** One dictionary, as it is kept. */
export type PatchedDictionary = z.output<typeof patchedDictionarySchema>;
type Estimate = z.output<typeof estimate>;
type Needed = z.output<typeof needed>;

/** Divergences at which dictionaries are compared, as shares of that without a patch. */
const SHARES = [0.75, 0.5, 0.25, 0.1];

/** Latents that are listed. */
const STRONGEST = 20;

const round = (value: number) => Number(value.toPrecision(6));
const finite = (value: number | undefined) =>
  value !== undefined && Number.isFinite(value) ? round(value) : null;
const meanOf = (values: readonly number[]) => values.reduce((sum, v) => sum + v / values.length, 0);

/** An interval over pairs; null where a draw has no number. */
function over(
  name: string,
  seed: number,
  n: number,
  of: (drawn: Int32Array) => number,
): [number, number] | null {
  let isWhole = true;
  const found = bootstrapInterval(randomStream(seed, `patching/${name}`), n, (drawn) => {
    const value = of(drawn);
    if (!Number.isFinite(value)) isWhole = false;
    return value;
  });
  return found && isWhole ? [round(found[0]), round(found[1])] : null;
}

/** What the pairs are like before anything is patched. */
export interface PairFacts {
  readonly seed: number;
  readonly unpatched: readonly Patched[];
  /** Logit difference of each counterfactual. */
  readonly wanted: readonly number[];
  readonly wholeEdits: readonly number[];
}

function pointOf(point: CurvePoint, { seed, unpatched, wanted, wholeEdits }: PairFacts) {
  const { pairs } = point;
  const n = pairs.length;
  const sum = (drawn: Iterable<number>, of: (pair: number) => number) => {
    let total = 0;
    for (const pair of drawn) total += of(pair);
    return total;
  };
  const all = [...pairs.keys()];
  const estimated = (of: (drawn: Iterable<number>) => number): Estimate => ({
    mean: round(of(all)),
    interval: over("point", seed, n, of),
  });
  const gain = (i: number) => pairs[i]!.difference - unpatched[i]!.difference;
  const gap = (i: number) => wanted[i]! - unpatched[i]!.difference;
  const edit = meanOf(pairs.map((one) => one.edit));
  return {
    latents: point.latents,
    per_pair: round(point.perPair),
    kl: estimated((drawn) => sum(drawn, (i) => pairs[i]!.kl) / n),
    kl_reverse: estimated((drawn) => sum(drawn, (i) => pairs[i]!.klReverse) / n),
    recovered: estimated((drawn) => sum(drawn, gain) / sum(drawn, gap)),
    edit: round(edit),
    edit_relative: round(edit / meanOf(wholeEdits)),
    pairs: pairs.map(({ kl, edit }): [number, number] => [round(kl), round(edit)]),
  };
}

type Point = ReturnType<typeof pointOf>;

/** Divergence and edit over some pairs, drawn with replacement. */
const columnMeans = (points: readonly Point[], drawn: Iterable<number>, column: 0 | 1) => {
  const picked = [...drawn];
  return points.map(({ pairs }) => meanOf(picked.map((i) => pairs[i]![column])));
};

/** What a curve needs for each share, over the pairs that are drawn. */
function neededOf(points: readonly Point[], drawn: Iterable<number>, share: number) {
  const picked = [...drawn];
  const kl = columnMeans(points, picked, 0);
  const curve = { latents: points.map((p) => p.latents), kl, edit: columnMeans(points, picked, 1) };
  return reached(curve, share * kl[0]!);
}

function allNeeded(points: readonly Point[], seed: number): Needed[] {
  const n = points[0]!.pairs.length;
  return SHARES.map((share) => {
    const found = neededOf(points, Array(n).keys(), share);
    const at = (key: "latents" | "edit") =>
      over("needed", seed, n, (drawn) => neededOf(points, drawn, share)?.[key] ?? Number.NaN);
    return {
      share,
      latents: finite(found?.latents),
      interval: at("latents"),
      edit: finite(found?.edit),
      edit_interval: at("edit"),
    };
  });
}

/** What is kept of one dictionary. */
export function summariseDictionary(
  facts: Pick<PatchedDictionary, "name" | "architecture" | "d_sae" | "key" | "search">,
  curves: { readonly points: readonly CurvePoint[]; readonly drawn: readonly CurvePoint[] },
  ranked: readonly RankedLatent[],
  pairs: PairFacts,
  differing: number,
): PatchedDictionary {
  const points = curves.points.map((one) => pointOf(one, pairs));
  const drawn = curves.drawn.map((one) => pointOf(one, pairs));
  return {
    ...facts,
    differing,
    points,
    drawn_order: drawn,
    needed: allNeeded(points, pairs.seed),
    needed_drawn: allNeeded(drawn, pairs.seed),
    strongest: ranked.slice(0, STRONGEST).map(({ latent, effect, difference, pairs }) => ({
      latent,
      effect: round(effect),
      logit_difference: round(difference),
      pairs,
    })),
  };
}

/** How well the model does the task. */
export const scoreSchema = z.object({
  prompts: z.number(),
  accuracy: z.number(),
  accuracy_interval: z.tuple([z.number(), z.number()]),
  first: z.number(),
  logit_difference: z.number(),
  logit_difference_interval: interval,
});

/** `<task>.json` */
export const patchingSchema = z.object({
  version: z.literal(1),
  model: z.string(),
  hook: z.string(),
  task: z.string(),
  seed: z.number(),
  /** Pairs that are measured, and as many others that rank latents. */
  pairs: z.number(),
  tokens: z.number(),
  examples: z.array(z.tuple([z.string(), z.string()])),
  score: scoreSchema,
  left_out: z.array(z.string()),
  dictionaries: z.array(patchedDictionarySchema),
  /** Latents that each dictionary needs, over those of the first; at each share. */
  against_first: z.array(
    z.object({
      name: z.string(),
      ratios: z.array(z.object({ share: z.number(), ratio: z.number().nullable(), interval })),
    }),
  ),
});

/** What `concord patch` keeps. */
export type PatchingResult = z.output<typeof patchingSchema>;

/** How well the model does the task, as it is kept. */
export const keptScore = (found: TaskScore): z.output<typeof scoreSchema> => ({
  prompts: found.prompts,
  accuracy: round(found.accuracy),
  accuracy_interval: [round(found.accuracyInterval[0]), round(found.accuracyInterval[1])],
  first: round(found.first),
  logit_difference: round(found.difference),
  logit_difference_interval: found.differenceInterval
    ? [round(found.differenceInterval[0]), round(found.differenceInterval[1])]
    : null,
});

/** Dictionaries against the first, over the same pairs. */
export function againstFirst(
  [first, ...others]: readonly PatchedDictionary[],
  seed: number,
): PatchingResult["against_first"] {
  return others.map(({ name, points }) => ({
    name,
    ratios: SHARES.map((share) => {
      const ratio = (drawn: Iterable<number>) => {
        const picked = [...drawn];
        const own = neededOf(points, picked, share)?.latents ?? Number.NaN;
        return own / (neededOf(first!.points, picked, share)?.latents ?? Number.NaN);
      };
      const n = points[0]!.pairs.length;
      return {
        share,
        ratio: finite(ratio(Array(n).keys())),
        interval: over("ratio", seed, n, ratio),
      };
    }),
  }));
}
