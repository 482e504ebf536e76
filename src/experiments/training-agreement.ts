/**
 * @file How alike the members of a population are while they train: PW-MCC, and with known features
 *   GT-MCC, each next to its null. Both are what the agreement measures of the finished run, by the
 *   same matching of the same pairs.
 */

import type { Backend } from "../backend/backend.ts";
import { inParallel } from "../base/in-parallel.ts";
import { mean } from "../base/statistics/mean.ts";
import type { PlannedMember } from "../config/members.ts";
import type { Config } from "../config/schema.ts";
import { MOST_PAIRS, pairsAmong } from "../consistency/compared-pairs.ts";
import { type Dictionary, dictionaryOf } from "../consistency/matching/dictionary.ts";
import { comparingBytes } from "../consistency/matching/matching-bytes.ts";
import { matchOneToOne } from "../consistency/matching/one-to-one.ts";
import { MccNulls } from "../consistency/null-model.ts";
import { relationOf, type Setting, settingId } from "../runs/settings.ts";
import type { Source } from "../sources/source.ts";
import type { BuiltPopulation } from "./build-population.ts";

/** One pair's assignment, which has one thread, runs beside another's search. */
const PAIRS_AT_ONCE = 3;

/**
 * A matching of dictionaries [n, d] and [m, d] takes about as long as a step of one member of them
 * would on so many times n·m / d_sae activations. Measured on two cores, three pairs at once: 1.3
 * to 4.4, the most where dictionaries are tiny.
 */
const ROWS_PER_ATOM = 4;

/** The share of a run's time that measuring takes unless the config says how often. */
const SHARE = 0.02;

type Pair = readonly [number, number];

/** What is measured: members of one setting that differ in their seeds. */
interface Part {
  readonly setting: Setting;
  /** Positions of members, i < j. */
  readonly pairs: readonly Pair[];
}

/** The pairs that PW-MCC is the mean of, by setting in the order in which settings first occur. */
function comparedParts(members: readonly PlannedMember[], seed: number): Part[] {
  const coupled = members.flatMap((m, i) => (m.coupled ? [i] : []));
  const ids = members.map(({ setting }) => settingId(setting));
  const { pairs } = pairsAmong(coupled.length, seed, MOST_PAIRS, (at) => ids[coupled[at]!]);
  const parts = new Map<string, { setting: Setting; pairs: Pair[] }>();
  for (const i of coupled)
    if (!parts.has(ids[i]!)) parts.set(ids[i]!, { setting: members[i]!.setting, pairs: [] });
  for (const [a, b] of pairs) {
    const [i, j] = [coupled[a]!, coupled[b]!];
    if (relationOf(members[i]!, members[j]!) === "replicates")
      parts.get(ids[i]!)!.pairs.push([i, j]);
  }
  return [...parts.values()];
}

/** How often agreement is measured, and what that takes. */
export interface AgreementPlan {
  /** Steps between two measurements. */
  readonly every: number;
  /** Bytes held from the first measurement on, and taken for a moment in each. */
  readonly held: number;
  readonly scratch: number;
}

/**
 * How often a run measures agreement. Undefined where there is nothing to measure, where the run is
 * too short, and where the config says `agreement_every: false`.
 *
 * Without that key the number of steps follows from shapes alone, so that measuring takes about
 * 2 % of the time: E = 200 · Σ n·m over matchings / (batch · Σ d_sae over members). A clock would
 * make metrics.jsonl depend on the machine.
 *
 * @param trueFeatures 0 for a source without known features.
 */
export function planAgreement(
  backend: Backend,
  config: Config,
  built: BuiltPopulation,
  trueFeatures: number,
): AgreementPlan | undefined {
  const { population, members, totalSteps } = built;
  const { agreementEvery, batch } = config.training;
  if (agreementEvery === false) return undefined;
  const pairs = comparedParts(members, config.seed).flatMap((part) => part.pairs);
  const matchings = [
    ...pairs.map(([i, j]) => members[i]!.dSae * members[j]!.dSae),
    ...(trueFeatures > 0 ? members.map(({ dSae }) => dSae * trueFeatures) : []),
  ];
  if (matchings.length === 0) return undefined;
  const total = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0);
  const rows = (ROWS_PER_ATOM * total(matchings)) / total(members.map(({ dSae }) => dSae));
  const every = agreementEvery ?? Math.max(1, Math.ceil(rows / batch / SHARE));
  if (every > totalSteps) return undefined;
  const counts = members.map(({ dSae }) => dSae);
  const { nulls, scratch } = comparingBytes(backend, counts, trueFeatures, population.dIn);
  const atOnce = Math.min(PAIRS_AT_ONCE, matchings.length);
  return {
    every,
    held: 4 * trueFeatures * population.dIn,
    scratch: Math.max(nulls + scratch, atOnce * scratch),
  };
}

/** Whether the line of metrics.jsonl of a step is the first at or after a multiple of `every`. */
export function measuresAgreement(
  plan: Pick<AgreementPlan, "every"> | undefined,
  logEvery: number,
  taken: number,
): boolean {
  return plan !== undefined && taken % logEvery === 0 && taken % plan.every < logEvery;
}

/** What a line of metrics.jsonl has of agreement. */
export interface AgreementMetrics {
  /**
   * `pw_mcc` and `pw_mcc_null`; where members have several settings `pw_mcc_by_setting`, as in
   * results/consistency.json.
   */
  readonly population: Readonly<Record<string, unknown>>;
  /** `gt_mcc` and `gt_mcc_null` of each member, in their order; empty without known features. */
  readonly members: readonly Readonly<Record<string, number>>[];
}

/** Measures the agreement of a population at any moment of its training. */
export class TrainingAgreement {
  readonly #backend: Backend;
  readonly #population: BuiltPopulation["population"];
  readonly #parts: readonly Part[];
  readonly #nulls: MccNulls;
  readonly #source: Pick<Source, "dIn" | "trueFeatures">;
  #truth: Promise<Dictionary> | undefined;

  /** @param seed Of the run; it decides which pairs where there are more than 2048. */
  constructor(
    backend: Backend,
    { population, members }: Pick<BuiltPopulation, "population" | "members">,
    source: Pick<Source, "dIn" | "trueFeatures">,
    seed: number,
  ) {
    this.#backend = backend;
    this.#population = population;
    this.#source = source;
    this.#parts = comparedParts(members, seed);
    this.#nulls = new MccNulls(backend);
  }

  /**
   * Measures the weights as they are now. PW-MCC is the mean over the pairs of a setting of their
   * MCC, the mean cosine of atoms matched one to one. GT-MCC is that of a member and the known
   * features. Nulls are those of `MccNulls`.
   */
  async measure(): Promise<AgreementMetrics> {
    const dictionaries = this.#population.members.map(({ sae }): Dictionary => {
      const { unit, count, d } = sae.dictionary();
      return { unit, count, d };
    });
    const parts = [];
    for (const { setting, pairs } of this.#parts) {
      if (pairs.length === 0) continue;
      const own = await this.#meanMccs(pairs.map(([i, j]) => [dictionaries[i]!, dictionaries[j]!]));
      parts.push({
        setting,
        mean: mean(own.map(({ mcc }) => mcc)),
        null: mean(own.map((one) => one.null)),
        pairs: pairs.length,
      });
    }
    const [only] = parts;
    const truth = await this.#trueDictionary();
    const found = truth ? await this.#meanMccs(dictionaries.map((own) => [own, truth])) : [];
    return {
      population:
        this.#parts.length > 1
          ? { pw_mcc_by_setting: parts }
          : only
            ? { pw_mcc: only.mean, pw_mcc_null: only.null }
            : {},
      members: found.map(({ mcc, null: nothing }) => ({ gt_mcc: mcc, gt_mcc_null: nothing })),
    };
  }

  #trueDictionary(): Promise<Dictionary> | undefined {
    const { trueFeatures, dIn } = this.#source;
    if (!trueFeatures) return undefined;
    const { matrix, count } = trueFeatures;
    this.#truth ??= dictionaryOf(this.#backend, matrix, count, dIn);
    return this.#truth;
  }

  /** MCC of each pair, with its null. */
  async #meanMccs(
    pairs: readonly (readonly [Dictionary, Dictionary])[],
  ): Promise<{ mcc: number; null: number }[]> {
    const nulls: number[] = [];
    for (const [a, b] of pairs) nulls.push(await this.#nulls.of(a.count, b.count, a.d));
    const match = ([a, b]: readonly [Dictionary, Dictionary]) => matchOneToOne(this.#backend, a, b);
    const matched = await inParallel(
      PAIRS_AT_ONCE,
      pairs,
      async (pair) => (await match(pair)).mean,
    );
    return matched.map((mcc, at) => ({ mcc, null: nulls[at]! }));
  }
}
