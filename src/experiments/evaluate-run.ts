/**
 * @file What a trained population is worth: reconstruction on held-out rows, and similarity to each
 *   other, to the truth and to outsiders.
 */

import type { Backend } from "../backend/backend.ts";
import { float32Tensor, type Tensor } from "../base/tensor.ts";
import type { PlannedMember } from "../config/members.ts";
import {
  comparePair,
  comparePopulation,
  type PairSimilarity,
} from "../consistency/compare-dictionaries.ts";
import { type ComparedPairs, pairsAmong, pairsBetween } from "../consistency/compared-pairs.ts";
import { type Dictionary, dictionaryOf } from "../consistency/matching/dictionary.ts";
import { COMPLETE_PAIRS } from "../consistency/matching/one-to-one.ts";
import { NullModels } from "../consistency/null-model.ts";
import { saeDenoiser } from "../domains/eeg/denoise/denoisers/sae-denoiser.ts";
import { evaluateDenoising, NOTHING_DONE } from "../domains/eeg/denoise/evaluate-denoising.ts";
import type { EegFindings } from "../domains/eeg/eeg-results.ts";
import { type ComparedPair, evaluateEeg } from "../domains/eeg/evaluate-eeg.ts";
import { evaluateSaes } from "../evaluate/evaluate-saes.ts";
import { latentDensity } from "../metrics/latent-density.ts";
import type { DenoisingSums } from "../metrics/metric.ts";
import { DENOISING_METRICS, RECONSTRUCTION_METRICS } from "../metrics/registry.ts";
import type { Population } from "../population/population.ts";
import { type JudgedMember, resultWarnings } from "../runs/result-warnings.ts";
import type {
  ConsistencyResult,
  DenoisingResult,
  EvaluationResult,
  SampledPairs,
  SimilarityNumbers,
} from "../runs/results.ts";
import { pwMccEntries } from "../runs/settings.ts";
import { forRowsAsTheyCome } from "../sae/sae.ts";
import type { Source } from "../sources/source.ts";
import type { OnGarbage } from "./garbage.ts";

export interface RunResults {
  readonly evaluation: EvaluationResult;
  readonly consistency: ConsistencyResult;
  /** Per latent, by `<member>.<what>`: density, best_in_others, best_in_truth; float32 [d_sae]. */
  readonly latents: ReadonlyMap<string, Tensor>;
  /** For rows that are signals in time. */
  readonly eeg?: EegFindings;
}

function numbers(s: PairSimilarity): SimilarityNumbers {
  return {
    mcc: s.mcc,
    mcc_null: s.null.mcc,
    mean_max: [s.meanMaxAtoB, s.meanMaxBtoA],
    mean_max_null: [s.null.meanMaxAtoB, s.null.meanMaxBtoA],
    shared: s.shared,
    shared_null: s.null.shared,
  };
}

/** The denoising metrics that sums have values for. */
function denoisingNumbers(sums: DenoisingSums): Record<string, number> {
  const values = DENOISING_METRICS.map((m) => [m.name, m.compute(sums)] as const);
  return Object.fromEntries(values.filter(([, value]) => !Number.isNaN(value)));
}

/**
 * How well members make clean rows of noisy ones, and what it is worth to leave these as they are.
 */
async function denoisingResult(
  backend: Backend,
  { members }: Population,
  { heldOut, dIn, layout, normalization }: Source,
): Promise<DenoisingResult> {
  const named = members.map((m) =>
    saeDenoiser(backend, m.name, forRowsAsTheyCome(m.sae.inference(), normalization)),
  );
  const denoisers = [NOTHING_DONE, ...(await Promise.all(named))];
  const [noisy, ...sums] = await evaluateDenoising(denoisers, heldOut, dIn, layout);
  return {
    noisy: denoisingNumbers(noisy!),
    members: members.map(({ name }, i) => ({ name, metrics: denoisingNumbers(sums[i]!) })),
  };
}

/** How a population is evaluated, beside what it is. */
export interface EvaluationOptions {
  /** Steps that were taken. */
  readonly steps: number;
  /** Decides which pairs of very many are compared. */
  readonly seed: number;
  /** By member, of the first and the last logged training batch. */
  readonly trainingFvu: ReadonlyMap<string, JudgedMember["trainingFvu"]>;
  /** Called and awaited often; what it throws ends the evaluation. */
  readonly pause?: () => Promise<void>;
  /** Called when what a part of the evaluation, or a comparison, held is not needed any more. */
  readonly phaseDone?: OnGarbage;
  /** Told of the comparisons of dictionaries that are done, and of those that there are to do. */
  readonly onCompared?: (done: number, total: number) => void;
}

/** How many of all pairs were compared, when it was not all. */
function sampled<Name extends "sampled_pairs" | "sampled_independent">(
  name: Name,
  { pairs, of }: ComparedPairs,
): { readonly [N in Name]?: SampledPairs } {
  if (pairs.length === of) return {};
  return { [name]: { compared: pairs.length, of } } as { [N in Name]: SampledPairs };
}

/** Bytes that the comparison of two of the dictionaries leaves lying about, about. */
function garbageOf(dictionaries: readonly Dictionary[], truths: number): number {
  const most = Math.max(truths, ...dictionaries.map(({ count }) => count));
  const d = Math.max(...dictionaries.map((dictionary) => dictionary.d));
  return 8 * most * (d + 64) + 4 * Math.min(most * most, COMPLETE_PAIRS);
}

/**
 * Evaluates every member of a trained population, on held-out rows as they come and in their units,
 * whatever was done to the rows of training.
 */
export async function evaluateRun(
  backend: Backend,
  population: Population,
  planned: readonly PlannedMember[],
  source: Source,
  options: EvaluationOptions,
): Promise<RunResults> {
  const { seed, trainingFvu, pause = async () => {}, phaseDone = () => {} } = options;
  const { members } = population;
  const saes = members.map((m) => forRowsAsTheyCome(m.sae.inference(), source.normalization));
  const sums = await evaluateSaes(backend, saes, source.heldOut, source.dIn, pause);
  phaseDone();
  const latents = new Map<string, Tensor>();
  const addLatents = (name: string, values: Float32Array) =>
    latents.set(name, float32Tensor([values.length], values));
  const evaluated = members.map((member, i) => {
    const sum = sums[i]!;
    const { rows, activeRows } = sum;
    addLatents(
      `${member.name}.density`,
      Float32Array.from(activeRows, (n) => n / rows),
    );
    return {
      name: member.name,
      architecture: planned[i]!.architecture.name,
      seed: member.seed,
      coupled: planned[i]!.coupled,
      label: planned[i]!.label,
      setting: planned[i]!.setting,
      metrics: Object.fromEntries(RECONSTRUCTION_METRICS.map((m) => [m.name, m.compute(sum)])),
      density: latentDensity.compute(sum),
    };
  });

  const dictionaries: Dictionary[] = members.map(({ sae }) => sae.dictionary());
  const coupled = planned.flatMap((m, i) => (m.coupled ? [i] : []));
  const outside = planned.flatMap((m, i) => (m.coupled ? [] : [i]));
  const name = (i: number) => members[i]!.name;
  const nulls = new NullModels(backend);
  const inner = pairsAmong(coupled.length, seed);
  const outer = pairsBetween(coupled.length, outside.length, seed);
  const truths = source.trueFeatures ? members.length : 0;
  const garbage = garbageOf(dictionaries, source.trueFeatures?.count ?? 0);
  let compared = 0;
  const total = inner.pairs.length + outer.pairs.length + truths;
  const pairDone = async () => {
    options.onCompared?.(++compared, total);
    phaseDone(garbage);
    await pause();
  };
  const among = await comparePopulation(
    backend,
    coupled.map((i) => dictionaries[i]!),
    nulls,
    pairDone,
    inner.pairs,
  );
  for (const [at, i] of coupled.entries())
    if (coupled.length > 1) addLatents(`${name(i)}.best_in_others`, among.bestInOthers[at]!);

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
      groundTruth.push({ member: name(i), ...numbers(similarity) });
      addLatents(`${name(i)}.best_in_truth`, similarity.bestOfA);
      await pairDone();
    }
  }
  const inside = among.pairs.map((p) => ({ ...p, i: coupled[p.i]!, j: coupled[p.j]! }));
  const eeg = source.layout && {
    eeg: await evaluateEeg(
      backend,
      members.map((m, i) => ({
        name: m.name,
        sae: saes[i]!,
        coupled: planned[i]!.coupled,
        fvu: evaluated[i]!.metrics["fvu"]!,
        density: latents.get(`${m.name}.density`)!.data as Float32Array,
      })),
      [...inside, ...independent],
      source.heldOut,
      source.layout,
    ),
  };
  const { substitute } = source.provenance;
  phaseDone();
  const { variance, meanSquare } = sums[0]!;
  const warnings = resultWarnings({
    heldOutRows: source.heldOut.rows,
    variance: variance / (source.heldOut.rows * source.dIn),
    meanSquare: meanSquare / source.dIn,
    trainingRows: source.train.rowsPerPass,
    batch: population.batch,
    members: evaluated.map(({ name, architecture, metrics }, i) => ({
      name,
      architecture,
      metrics,
      lr: planned[i]!.lr,
      latents: planned[i]!.dSae,
      trainingFvu: trainingFvu.get(name) ?? [undefined, undefined],
    })),
  });
  const evaluation: EvaluationResult = {
    rows: source.heldOut.rows,
    steps: options.steps,
    ...(substitute === undefined ? {} : { substitute }),
    members: evaluated,
    warnings,
    ...(source.heldOut.hasTargets && {
      denoising: await denoisingResult(backend, population, source),
    }),
  };
  const pairs = inside.map(({ i, j, similarity }) => ({
    a: name(i),
    b: name(j),
    ...numbers(similarity),
  }));
  return {
    ...eeg,
    evaluation,
    consistency: {
      ...pwMccEntries(evaluation, pairs),
      ...sampled("sampled_pairs", inner),
      ...sampled("sampled_independent", outer),
      pairs,
      ...(groundTruth.length > 0 ? { ground_truth: groundTruth } : {}),
      ...(independent.length > 0
        ? {
            independent: independent.map(({ i, j, similarity }) => ({
              member: name(i),
              independent: name(j),
              ...numbers(similarity),
            })),
          }
        : {}),
    },
    latents,
  };
}
