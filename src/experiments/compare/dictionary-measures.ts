/**
 * @file What the weights of compared SAEs say beyond the measures of pairs. That is stability over
 *   all others, subspaces, splits, and agreement without dead latents. It is also how alike
 *   members of one run were before training.
 */

import type { Backend } from "../../backend/backend.ts";
import type { PowerLaw } from "../../base/statistics/power-law.ts";
import { type AliveAgreement, aliveAgreement, aliveOf } from "../../consistency/lab/alive.ts";
import type { SaeAtoms } from "../../consistency/lab/atoms.ts";
import {
  type LabPair,
  type PairNumber,
  type PairwiseMean,
  pairwiseMean,
} from "../../consistency/lab/compare-saes.ts";
import {
  type LatentRecurrence,
  type SharedCounts,
  sharedCounts,
  uniqueAtK,
  uniqueDecay,
} from "../../consistency/lab/recurrence.ts";
import { type Splits, splitsOf } from "../../consistency/lab/splits.ts";
import {
  type Diversity,
  diversityOf,
  type Stability,
  stabilityOf,
} from "../../consistency/lab/stability.ts";
import { type StrictShares, strictShares } from "../../consistency/lab/strict-shares.ts";
import {
  AngleNulls,
  byMatch,
  leadingOf,
  type SubspaceOverlap,
  subspaceOverlap,
  type UnmatchedEnergy,
  unmatchedEnergy,
  unmatchedSide,
} from "../../consistency/lab/subspaces.ts";
import { MccNulls } from "../../consistency/null-model.ts";
import type { LeadingDirections } from "../../linalg/leading-directions.ts";
import type { StartOfPair } from "../../runs/starts.ts";
import { startOfPairs } from "./starts-of-pairs.ts";

/** An SAE as it is needed here. */
export interface MeasuredSae {
  readonly name: string;
  readonly folder: string;
  readonly atoms: SaeAtoms;
  /** Share of rows in which each latent is active, where it is known. */
  readonly density: Float32Array | undefined;
  readonly latents: readonly LatentRecurrence[];
}

/** The splits of a pair: which side is the wide one. */
export interface SplitsOfPair extends Splits {
  /** Indices of the SAEs. */
  readonly wide: number;
  readonly narrow: number;
}

/** What is measured of a pair of dictionaries. */
export interface DictionaryPair {
  /** Undefined where the dead latents of one side are not known, or all of them are dead. */
  readonly alive: AliveAgreement | undefined;
  readonly subspaces: SubspaceOverlap;
  /** a's unmatched latents on the span of b's, and the reverse. */
  readonly unmatched: readonly [UnmatchedEnergy | undefined, UnmatchedEnergy | undefined];
  /** Undefined for SAEs of one width. */
  readonly splits: SplitsOfPair | undefined;
  /** Undefined where it was not recorded. */
  readonly start: StartOfPair | undefined;
}

/** What is measured of one dictionary next to the others. */
export interface DictionaryOfSae {
  /** Undefined for an SAE that was compared with none. */
  readonly stability: Stability | undefined;
  /** Of its latents that fire; undefined where that is not known, or none fires. */
  readonly stabilityAlive: Stability | undefined;
  readonly diversity: Diversity;
  /** By the strict rule; undefined for an SAE that was compared with none. */
  readonly sharedInBoth: StrictShares | undefined;
  /** How latents that fire recur; undefined where that is not known, or none fires. */
  readonly sharedInAlive: SharedCounts | undefined;
  /** Undefined for fewer than four SAEs. */
  readonly decay: PowerLaw | undefined;
}

/** Measures of all pairs and SAEs. */
export interface DictionaryMeasures {
  readonly pairs: readonly DictionaryPair[];
  readonly saes: readonly DictionaryOfSae[];
  /** Means over pairs, by the name of the measure; undefined where no pair has it. */
  readonly pairwise: Readonly<Record<string, PairwiseMean | undefined>>;
  /** Mean over pairs of the MCC of latents that fire. */
  readonly pwMccAlive: PairwiseMean | undefined;
}

/** The measures of pairs that are averaged as PW-MCC is. */
const AVERAGED: Readonly<Record<string, PairNumber>> = {
  mcc_abs: ({ measures, null: none }) =>
    measures.mccAbs === undefined ? undefined : [measures.mccAbs, none.mccAbs!],
  mcc_encoder: ({ measures, null: none }) => [measures.mccEncoder, none.mccEncoder],
  stability_exact: ({ measures, null: none }) =>
    measures.stabilityExact === undefined
      ? undefined
      : [measures.stabilityExact, none.stabilityExact!],
  cka: ({ measures, null: none }) =>
    measures.representation && [measures.representation.cka, none.representation!.cka],
  svcca: ({ measures, null: none }) =>
    measures.representation && [measures.representation.svcca, none.representation!.svcca],
  rsa: ({ measures, null: none }) =>
    measures.representation && [measures.representation.rsa, none.representation!.rsa],
};

/** The rank whose subspace overlap is averaged over pairs, or the largest there is below it. */
const AVERAGED_RANK = 16;

function overlapOf({ subspaces: { ranks, overlap, null: none } }: DictionaryPair) {
  const at = ranks.findLastIndex((rank) => rank <= AVERAGED_RANK);
  return [overlap[at]!, none[at]!] as const;
}

/** Splits of the wider SAE over the narrower one. */
function splitsOfPair(
  { a, b, measures }: LabPair,
  saes: readonly MeasuredSae[],
  threshold: number,
): SplitsOfPair | undefined {
  const [first, second] = [saes[a]!.atoms.decoder, saes[b]!.atoms.decoder];
  if (first.count === second.count) return undefined;
  const isAWide = first.count > second.count;
  const narrow = isAWide ? second : first;
  const found = splitsOf(
    isAWide
      ? { nearest: measures.nearestOfA, cosine: measures.bestOfA }
      : { nearest: measures.nearestOfB, cosine: measures.bestOfB },
    { latents: narrow.count, d: narrow.d },
    threshold,
  );
  return { ...found, wide: isAWide ? a : b, narrow: isAWide ? b : a };
}

const firing = (density: Float32Array | undefined) => (latent: number) =>
  density === undefined || density[latent]! > 0;

/** The agreement without dead latents; where none is dead, that of all. */
async function withoutDead(
  backend: Backend,
  { measures, null: none }: LabPair,
  [a, b]: readonly [MeasuredSae, MeasuredSae],
  nulls: MccNulls,
): Promise<AliveAgreement | undefined> {
  if (!a.density || !b.density) return undefined;
  const [first, second] = [a.atoms.decoder, b.atoms.decoder];
  const alive = [aliveOf(a.density), aliveOf(b.density)] as const;
  if (alive[0].length < first.count || alive[1].length < second.count)
    return aliveAgreement(backend, [first, second], alive, nulls);
  return {
    latents: [first.count, second.count],
    mcc: measures.mcc,
    mccNull: none.mcc,
    meanMax: measures.meanMax,
    meanMaxNull: none.meanMax,
  };
}

/** What is measured of a pair, given the leading directions of all SAEs. */
async function ofPair(
  backend: Backend,
  pair: LabPair,
  saes: readonly MeasuredSae[],
  known: {
    readonly leading: readonly LeadingDirections[];
    readonly angles: AngleNulls;
    readonly nulls: MccNulls;
    readonly threshold: number;
    readonly start: StartOfPair | undefined;
  },
): Promise<DictionaryPair> {
  const { a, b, measures } = pair;
  const [first, second] = [saes[a]!, saes[b]!];
  const { threshold, leading, angles, nulls, start } = known;
  const [atomsA, atomsB] = [first.atoms.decoder, second.atoms.decoder];
  const isAlive = [firing(first.density), firing(second.density)] as const;
  const [ofA, ofB] = byMatch(measures.decoderMatching, atomsB.count, threshold, isAlive);
  const one = await unmatchedSide(backend, atomsA, ofA);
  const other = await unmatchedSide(backend, atomsB, ofB);
  return {
    alive: await withoutDead(backend, pair, [first, second], nulls),
    subspaces: await subspaceOverlap(backend, leading[a]!, leading[b]!, angles),
    unmatched: [
      await unmatchedEnergy(backend, one, other, `${a}/${b}`),
      await unmatchedEnergy(backend, other, one, `${b}/${a}`),
    ],
    splits: splitsOfPair(pair, saes, threshold),
    start,
  };
}

function sharedWithoutDead(
  { latents, density }: MeasuredSae,
  others: number,
): SharedCounts | undefined {
  if (!density || others === 0) return undefined;
  const alive = latents.filter((_, i) => density[i]! > 0);
  return alive.length === 0 ? undefined : sharedCounts(alive, others);
}

async function ofSae(
  backend: Backend,
  i: number,
  saes: readonly MeasuredSae[],
  pairs: readonly LabPair[],
  threshold: number,
): Promise<DictionaryOfSae> {
  const { atoms, latents, density } = saes[i]!;
  const others = pairs.filter(({ a, b }) => a === i || b === i).length;
  const counts = saes.map((sae) => sae.atoms.decoder.count);
  return {
    stability: stabilityOf(i, counts, atoms.decoder.d, pairs),
    stabilityAlive: density && stabilityOf(i, counts, atoms.decoder.d, pairs, firing(density)),
    diversity: await diversityOf(backend, atoms.decoder, String(i)),
    sharedInBoth: strictShares(i, latents.length, pairs, threshold),
    sharedInAlive: sharedWithoutDead(saes[i]!, others),
    decay: others === 0 ? undefined : uniqueDecay(uniqueAtK(latents, others)),
  };
}

/**
 * Measures the dictionaries of compared SAEs.
 *
 * @param pairs The pairs that were compared, all of one d_in each.
 * @param pause Called and awaited between pieces of work; what it throws ends the measuring.
 */
export async function measureDictionaries(
  backend: Backend,
  saes: readonly MeasuredSae[],
  pairs: readonly LabPair[],
  threshold: number,
  pause: () => Promise<void>,
): Promise<DictionaryMeasures> {
  const leading: LeadingDirections[] = [];
  for (const { atoms } of saes) {
    const { unit, count, d } = atoms.decoder;
    leading.push(await leadingOf(backend, { matrix: unit, count, d }));
    await pause();
  }
  const shared = { leading, angles: new AngleNulls(backend), nulls: new MccNulls(backend) };
  const starts = await startOfPairs(pairs, saes);
  const ofPairs: DictionaryPair[] = [];
  for (const [i, pair] of pairs.entries()) {
    const start = starts[i];
    ofPairs.push(await ofPair(backend, pair, saes, { ...shared, threshold, start }));
    await pause();
  }
  const ofSaes: DictionaryOfSae[] = [];
  for (const i of saes.keys()) {
    ofSaes.push(await ofSae(backend, i, saes, pairs, threshold));
    await pause();
  }
  const found = new Map(pairs.map((pair, i) => [pair.measures, ofPairs[i]!]));
  return {
    pairs: ofPairs,
    saes: ofSaes,
    pairwise: {
      ...Object.fromEntries(
        Object.entries(AVERAGED).map(([name, of]) => [name, pairwiseMean(pairs, of)]),
      ),
      subspace_overlap: pairwiseMean(pairs, ({ measures }) => overlapOf(found.get(measures)!)),
    },
    pwMccAlive: pairwiseMean(pairs, ({ measures }) => {
      const alive = found.get(measures)?.alive;
      return alive && [alive.mcc, alive.mccNull];
    }),
  };
}
