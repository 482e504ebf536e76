/** @file One seed of the study: every world's SAEs, trained, merged and judged on held-out rows. */

import { evaluateSaesInModel } from "../../src/domains/language/evaluate/eval-text.ts";
import { judgeSaes } from "../../src/evaluate/judge-saes.ts";
import {
  type ArmNumbers,
  bestMatches,
  type ComputeContext,
  dictionaryOf,
  matchOneToOne,
  nullSimilarity,
  type Sae,
} from "../../src/index.ts";
import { type Coder, decoderOf } from "../../src/sae/ensemble.ts";
import type { Source } from "../../src/sources/source.ts";
import { competitors } from "./competitors.ts";
import { MEMBERS, WORLDS, type World, type WorldName } from "./worlds.ts";

/** An atom is true above this cosine with a known feature. */
const TRUE_FROM = 0.9;

type Numbers = Pick<ArmNumbers, "nulls"> & { readonly numbers: Record<string, number> };

/** What one SAE is worth. */
async function judged(
  { backend }: ComputeContext,
  sae: Coder,
  independent: Sae,
  source: Source,
): Promise<Numbers> {
  const { dIn, dSae } = sae;
  const [found] = await judgeSaes(backend, [{ name: "sae", sae }], source);
  const atoms = await dictionaryOf(backend, decoderOf(backend, sae), dSae, dIn);
  const theirs = await dictionaryOf(backend, independent.decoder, independent.dSae, dIn);
  const outside = await matchOneToOne(backend, atoms, theirs);
  const nearest = await bestMatches(backend, atoms, theirs);
  const share = (cosines: Float32Array, from: number) =>
    cosines.filter((c) => c > from).length / cosines.length;
  const numbers: Record<string, number> = {
    latents: dSae,
    fvu: found!.fvu,
    l0: found!.l0,
    independent_mcc: outside.mean,
    in_independent: share(nearest.bestOfA, 0.7),
  };
  const none = await nullSimilarity(backend, { n: dSae, m: independent.dSae, d: dIn });
  const nulls: Record<string, number> = { independent_mcc: none.mcc };
  if (source.trueFeatures) {
    const { matrix, count } = source.trueFeatures;
    const truth = await dictionaryOf(backend, matrix, count, dIn);
    const { bestOfA } = await bestMatches(backend, atoms, truth);
    numbers["gt_mcc"] = found!.gtMcc!;
    numbers["found"] = found!.found!;
    numbers["true_atoms"] = share(bestOfA, TRUE_FROM);
    nulls["gt_mcc"] = found!.gtMccNull!;
  }
  return { numbers, nulls };
}

/** Tokens on which SAEs are put into the language model. */
const TOKENS = 4096;

/** CE recovered by each SAE, in the model; empty for rows that are not of one. */
async function recovered(
  { backend, catalogue }: ComputeContext,
  { model }: World,
  saes: readonly Coder[],
): Promise<number[]> {
  if (!model) return [];
  const evaluation = await evaluateSaesInModel(backend, {
    catalogue,
    model: model.name,
    hook: model.hook,
    text: model.text,
    context: 256,
    maxTokens: TOKENS,
    threads: backend.threads,
    saes: saes.map((sae, i) => ({ name: String(i), sae })),
  });
  return evaluation.saes.map((sae) => sae.recovered);
}

/** Means of the numbers of several SAEs. */
function meanOf(all: readonly Numbers[]): Numbers {
  const mean = (of: (one: Numbers) => Readonly<Record<string, number>>) => {
    const keys = Object.keys(of(all[0]!));
    const sum = (key: string) => all.reduce((total, one) => total + of(one)[key]!, 0);
    return Object.fromEntries(keys.map((key) => [key, sum(key) / all.length]));
  };
  return { numbers: mean(({ numbers }) => numbers), nulls: mean(({ nulls }) => nulls!) };
}

/** Some worlds under one seed. */
export async function computeSeed(
  seed: number,
  context: ComputeContext,
  worlds: readonly WorldName[],
): Promise<ArmNumbers[]> {
  const results: ArmNumbers[] = [];
  for (const name of worlds) {
    const world: World = WORLDS[name];
    const { members, independent, all, source } = await competitors(context, name, world, seed);
    try {
      const add = (arm: string, steps: number, { numbers, nulls }: Numbers) =>
        results.push({
          arm: `${name}.${arm}`,
          seed,
          numbers: { ...numbers, steps },
          ...(nulls && { nulls }),
        });
      const ce = await recovered(context, world, [...members, ...all.map(({ sae }) => sae)]);
      const ofModel = (i: number) => (ce[i] === undefined ? {} : { ce_recovered: ce[i] });
      const own: Numbers[] = [];
      for (const [i, sae] of members.entries()) {
        const { numbers, nulls } = await judged(context, sae, independent, source);
        own.push({ numbers: { ...numbers, ...ofModel(i) }, ...(nulls && { nulls }) });
      }
      const byFvu = own.toSorted((a, b) => a.numbers["fvu"]! - b.numbers["fvu"]!);
      add("members", world.steps, meanOf(own));
      add("best", MEMBERS * world.steps, byFvu[0]!);
      for (const [i, { arm, sae, steps }] of all.entries()) {
        const { numbers, nulls } = await judged(context, sae, independent, source);
        const more = ofModel(members.length + i);
        add(arm, steps, { numbers: { ...numbers, ...more }, ...(nulls && { nulls }) });
      }
      context.told(`${name}: judged`);
    } finally {
      await source.close();
    }
  }
  return results;
}
