/** @file The measures of dictionaries as JSON with stable keys (docs/compare.md). */

import type { PowerLaw } from "../../base/statistics/power-law.ts";
import type { AliveAgreement } from "../../consistency/lab/alive.ts";
import type { LabPair, PairwiseMean } from "../../consistency/lab/compare-saes.ts";
import type { Arrangement } from "../../consistency/lab/representation.ts";
import {
  DIVERSE_BELOW,
  type Judged,
  OVERLAP_ABOVE,
  type Stability,
} from "../../consistency/lab/stability.ts";
import type { UnmatchedEnergy } from "../../consistency/lab/subspaces.ts";
import type { FolderComparison } from "./compare-folders.ts";
import type { SplitsOfPair } from "./dictionary-measures.ts";

const judged = ({ value, interval, null: none }: Judged) => ({
  value,
  interval: interval ?? null,
  null: none ?? null,
});

function stabilityJson(stability: Stability | undefined) {
  if (!stability) return null;
  return {
    relaxed: judged(stability.relaxed),
    overlap: { above: OVERLAP_ABOVE, ...judged(stability.overlap) },
  };
}

function decayJson(fit: PowerLaw | undefined) {
  return fit ? { a: fit.scale, b: fit.exponent, c: fit.offset, rms_error: fit.error } : null;
}

/** The keys of `saes[i]` that come from its dictionary. */
export function saeDictionaryJson({ dictionaries }: FolderComparison, i: number) {
  const { stability, stabilityAlive, diversity, sharedInBoth, sharedInAlive, decay } =
    dictionaries.saes[i]!;
  return {
    shared_in_both: sharedInBoth?.counts ?? null,
    shared_in_both_intervals: sharedInBoth?.intervals ?? null,
    shared_in_both_null: sharedInBoth?.null ?? null,
    shared_in_alive: sharedInAlive ?? null,
    unique_decay: decayJson(decay),
    stability: stabilityJson(stability),
    stability_alive: stabilityJson(stabilityAlive),
    diversity: {
      below: DIVERSE_BELOW,
      atoms: diversity.atoms,
      of: diversity.of,
      interval: diversity.interval ?? null,
      null: diversity.null ?? null,
    },
  };
}

function representationJson({ measures, null: none }: LabPair) {
  const { representation } = measures;
  if (!representation) return null;
  const one = (name: keyof Arrangement) => ({
    value: representation[name],
    null: none.representation?.[name] ?? null,
    shuffled: representation.shuffled[name],
  });
  return { cka: one("cka"), svcca: one("svcca"), rsa: one("rsa") };
}

function aliveJson(alive: AliveAgreement | undefined) {
  return alive
    ? {
        latents: alive.latents,
        mcc: alive.mcc,
        mcc_null: alive.mccNull,
        mean_max: alive.meanMax,
        mean_max_null: alive.meanMaxNull ?? null,
      }
    : null;
}

function energyJson(found: UnmatchedEnergy | undefined) {
  return found
    ? {
        latents: found.latents,
        ranks: found.ranks,
        energy: found.energy,
        intervals: found.intervals.map((interval) => interval ?? null),
        null: found.null,
        matched: found.matched ?? null,
        own: found.own,
      }
    : null;
}

function splitsJson(splits: SplitsOfPair | undefined, name: (i: number) => string) {
  return splits
    ? {
        wide: name(splits.wide),
        narrow: name(splits.narrow),
        by_children: splits.byChildren,
        by_children_null: splits.byChildrenNull ?? null,
        orphans: splits.orphans,
        orphans_null: splits.orphansNull ?? null,
        parents: splits.list.map(({ parent, children }) => ({
          latent: parent,
          children: children.map(({ latent, cosine }) => ({ latent, cosine })),
        })),
      }
    : null;
}

/** The keys of `pairs[i]` that come from the two dictionaries. */
export function pairDictionaryJson({ dictionaries, pairs, saes }: FolderComparison, i: number) {
  const { alive, subspaces, unmatched, splits, start } = dictionaries.pairs[i]!;
  const pair = pairs[i]!;
  return {
    stability_exact: pair.measures.stabilityExact ?? null,
    stability_exact_null: pair.null.stabilityExact ?? null,
    stability_exact_interval: pair.stabilityExactInterval ?? null,
    mcc_abs_interval: pair.mccAbsInterval ?? null,
    representation: representationJson(pair),
    subspaces: {
      ranks: subspaces.ranks,
      overlap: subspaces.overlap,
      overlap_null: subspaces.null,
      angles: subspaces.angles,
      angles_null: subspaces.anglesNull,
    },
    unmatched: { a_in_b: energyJson(unmatched[0]), b_in_a: energyJson(unmatched[1]) },
    alive: aliveJson(alive),
    splits: splitsJson(splits, (sae) => saes[sae]!.name),
    step_0: start
      ? {
          same_index: start.same_index,
          mean_max: start.mean_max,
          mean_max_null: start.mean_max_null,
        }
      : null,
  };
}

/** A mean over pairs as `pw_mcc` has it. */
export function pairwiseJson(found: PairwiseMean | undefined) {
  return found
    ? {
        mean: found.mean,
        sd: found.sd ?? null,
        null: found.null,
        interval: found.interval ?? null,
      }
    : null;
}

/** The keys of the whole comparison that come from the dictionaries. */
export function dictionariesJson({ dictionaries, leftOut }: FolderComparison) {
  const { pairwise, pwMccAlive } = dictionaries;
  return {
    pw_mcc_alive: pairwiseJson(pwMccAlive),
    pairwise: Object.fromEntries(
      Object.entries(pairwise).map(([name, found]) => [name, pairwiseJson(found)]),
    ),
    left_out: leftOut,
  };
}
