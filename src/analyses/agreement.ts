/**
 * @file The agreement: how similar the dictionaries of members are to each other, to the truth and
 *   to members that no coupling touched. Each number stands next to its null.
 */

import { float32Tensor, type Tensor } from "../base/tensor.ts";
import {
  comparePair,
  comparePopulation,
  type PairSimilarity,
} from "../consistency/compare-dictionaries.ts";
import {
  type ComparedPairs,
  MOST_PAIRS,
  pairsAmong,
  pairsBetween,
} from "../consistency/compared-pairs.ts";
import { type Dictionary, dictionaryOf } from "../consistency/matching/dictionary.ts";
import { COMPLETE_PAIRS } from "../consistency/matching/one-to-one.ts";
import { ModuloGroup, type ModuloSimilarity } from "../consistency/modulo-group.ts";
import { NullModels } from "../consistency/null-model.ts";
import type {
  AgreementFound,
  Analysis,
  AnalysisContext,
  AnalysisResults,
  ComparedPair,
} from "../domains/analysis.ts";
import { readLatents } from "../runs/latents.ts";
import { readConsistency, type SampledPairs, type SimilarityNumbers } from "../runs/results.ts";
import { pwMccEntries, settingId } from "../runs/settings.ts";

function numbers(s: PairSimilarity, modulo: ModuloSimilarity | undefined): SimilarityNumbers {
  return {
    mcc: s.mcc,
    mcc_null: s.null.mcc,
    mean_max: [s.meanMaxAtoB, s.meanMaxBtoA],
    mean_max_null: [s.null.meanMaxAtoB, s.null.meanMaxBtoA],
    shared: s.shared,
    shared_null: s.null.shared,
    ...(modulo ? { mcc_modulo: modulo.mcc, mcc_modulo_null: modulo.null } : {}),
  };
}

/** How many of all pairs were compared, when it was not all. */
function sampled<Name extends "sampled_pairs" | "sampled_independent">(
  name: Name,
  { pairs, of }: ComparedPairs,
): { readonly [N in Name]?: SampledPairs } {
  if (pairs.length === of) return {};
  return { [name]: { compared: pairs.length, of } } as { [N in Name]: SampledPairs };
}

/** Bytes that the comparison of two of the dictionaries leaves uncollected, roughly. */
function garbageOf(dictionaries: readonly Dictionary[], truths: number): number {
  const most = Math.max(truths, ...dictionaries.map(({ count }) => count));
  const d = Math.max(...dictionaries.map((dictionary) => dictionary.d));
  return 8 * most * (d + 64) + 4 * Math.min(most * most, COMPLETE_PAIRS);
}

/** Compares dictionaries: members that couplings include, independent ones, and the truth. */
async function compareMembers(
  context: Omit<AnalysisContext, "agreement">,
): Promise<AgreementFound> {
  const { backend, members, source, seed, evaluation } = context;
  const dictionaries = members.map(({ dictionary }) => dictionary);
  const latents = new Map<string, Float32Array>();
  const coupled = members.flatMap((m, i) => (m.coupled ? [i] : []));
  const outside = members.flatMap((m, i) => (m.coupled ? [] : [i]));
  const name = (i: number) => members[i]!.name;
  const nulls = new NullModels(backend);
  const ids = members.map(({ setting }) => settingId(setting));
  const ofCoupled = (at: number) => ids[coupled[at]!];
  const ofOthers = (at: number) => ids[outside[at]!];
  const inner = pairsAmong(coupled.length, seed, MOST_PAIRS, ofCoupled);
  const outer = pairsBetween(coupled.length, outside.length, seed, MOST_PAIRS, ofCoupled, ofOthers);
  const truths = source.trueFeatures ? members.length : 0;
  const garbage = garbageOf(dictionaries, source.trueFeatures?.count ?? 0);
  const group = source.symmetry && new ModuloGroup(backend, source.symmetry);
  /** The numbers of a comparison, with those modulo the group where rows have one. */
  const besideModulo = async (s: PairSimilarity, a: Dictionary, b: Dictionary) =>
    numbers(s, await group?.compare(a, b));
  let compared = 0;
  const total = inner.pairs.length + outer.pairs.length + truths;
  const pairDone = async () => {
    context.onCompared(++compared, total);
    context.phaseDone(garbage);
    await context.pause();
  };
  const among = await comparePopulation(
    backend,
    coupled.map((i) => dictionaries[i]!),
    nulls,
    pairDone,
    inner.pairs,
  );
  for (const [at, i] of coupled.entries())
    if (coupled.length > 1) latents.set(`${name(i)}.best_in_others`, among.bestInOthers[at]!);

  const independent: ComparedPair[] = [];
  for (const [a, b] of outer.pairs) {
    const [i, j] = [coupled[a]!, outside[b]!];
    const similarity = await comparePair(backend, dictionaries[i]!, dictionaries[j]!, nulls);
    independent.push({ i, j, similarity });
    await pairDone();
  }
  const groundTruth = [];
  if (source.trueFeatures) {
    const { matrix, count } = source.trueFeatures;
    const truth = await dictionaryOf(backend, matrix, count, source.dIn);
    for (const [i, dictionary] of dictionaries.entries()) {
      const similarity = await comparePair(backend, dictionary, truth, nulls);
      const found = await besideModulo(similarity, dictionary, truth);
      groundTruth.push({ member: name(i), ...found });
      latents.set(`${name(i)}.best_in_truth`, similarity.bestOfA);
      await pairDone();
    }
  }
  const inside = among.pairs.map((p) => ({ ...p, i: coupled[p.i]!, j: coupled[p.j]! }));
  const pairs = [];
  for (const { i, j, similarity } of inside) {
    const found = await besideModulo(similarity, dictionaries[i]!, dictionaries[j]!);
    pairs.push({ a: name(i), b: name(j), ...found });
  }
  const outsiders = [];
  for (const { i, j, similarity } of independent) {
    const found = await besideModulo(similarity, dictionaries[i]!, dictionaries[j]!);
    outsiders.push({ member: name(i), independent: name(j), ...found });
  }
  const result = {
    ...pwMccEntries(evaluation.result, pairs),
    ...(source.symmetry ? { group: source.symmetry.group } : {}),
    ...sampled("sampled_pairs", inner),
    ...sampled("sampled_independent", outer),
    pairs,
    ...(groundTruth.length > 0 ? { ground_truth: groundTruth } : {}),
    ...(outsiders.length > 0 ? { independent: outsiders } : {}),
  };
  return { result, pairs: [...inside, ...independent], latents };
}

/** `results/consistency.json`, and the best cosines in `results/latents.safetensors`. */
function agreementResults({ result, latents }: AgreementFound): AnalysisResults {
  const tensors = [...latents].map(([name, values]): [string, Tensor] => [
    name,
    float32Tensor([values.length], values),
  ]);
  return { json: { consistency: result }, tensors: { latents: new Map(tensors) } };
}

export const agreement = {
  name: "agreement",
  summary: "How similar dictionaries are to each other, to the truth and to independent members",
  applies: () => true,
  analyse: compareMembers,
  results: agreementResults,
  async read(folder) {
    const result = await readConsistency(folder);
    if (!result) return undefined;
    const all = await readLatents(folder);
    const latents = new Map([...all].filter(([name]) => !name.endsWith(".density")));
    // Which atom was matched with which is not kept.
    return { result, pairs: [], latents };
  },
} as const satisfies Analysis<AgreementFound>;
