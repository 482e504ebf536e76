/**
 * @file Pairs of SAEs by how they act on rows of the same things. Latents are matched by the
 *   correlation of their activations, and SAEs are tried on each other's activations. Neither
 *   needs a common space.
 */

import type { Backend } from "../../../backend/backend.ts";
import { randomStream } from "../../../base/philox.ts";
import { type Interval, meanBootstrap } from "../../../base/statistics/bootstrap.ts";
import { allPairs } from "../../../consistency/compared-pairs.ts";
import { CodeAgreement } from "../../../consistency/lab/codes/code-agreement.ts";
import {
  type CorrelationMatching,
  liveLatents,
  matchByCorrelation,
  nullShift,
} from "../../../consistency/lab/codes/correlation-matching.ts";
import { type Decile, frequencyDeciles } from "../../../consistency/lab/codes/frequency-deciles.ts";
import { type KeptCodes, MOST_CODE_BYTES } from "../../../consistency/lab/codes/kept-codes.ts";
import { MccNulls } from "../../../consistency/null-model.ts";
import { basesDiffer } from "../bases.ts";
import type { OpenedSae } from "../open-saes.ts";
import { FittedMaps, type Transfer, transferBetween, whyNoTransfer } from "../transfer/transfer.ts";
import { type ComparedCodes, setsBySae } from "./compare-codes.ts";
import { type RowSet, whyNotPaired } from "./row-sets.ts";

/** A decile next to its null. */
export interface DecileNumbers extends Decile {
  readonly correlationNull: number;
}

/** Two SAEs matched by the activations of their latents. */
export interface ActivationPair {
  /** Indices, a < b. */
  readonly a: number;
  readonly b: number;
  /** Rows that were encoded by both. */
  readonly rows: number;
  /** Latents of a and of b whose activation varies over the rows. */
  readonly live: readonly [number, number];
  /** Latents that were matched: all that vary, or the most frequent of very wide SAEs. */
  readonly matched: number;
  /** Mean correlation of matched latents; NaN without any. */
  readonly correlation: number;
  /** The same with the rows of b shifted. */
  readonly correlationNull: number;
  /** 95 % interval of the mean, by resampling matched latents. */
  readonly interval: Interval | undefined;
  /** Code consistency: mean over matched latents, and with their partners shuffled. */
  readonly jaccard: number;
  readonly jaccardNull: number;
  /** From the rarest tenth of matched pairs to the most frequent; empty for fewer than ten. */
  readonly deciles: readonly DecileNumbers[];
  /** Undefined where it was neither needed nor asked for, or could not be had. */
  readonly transfer: (Transfer & { readonly mccNull: number }) | undefined;
}

/** What activations say of some SAEs. */
export interface ActivationComparison {
  readonly pairs: readonly ActivationPair[];
  /** Pairs without a number of activations, and why. */
  readonly skipped: readonly { readonly a: number; readonly b: number; readonly why: string }[];
  /** What was left out, a sentence each. */
  readonly warnings: readonly string[];
}

/** Each SAE on the activations of the other, of the pairs for which that was tried. */
export function transfersBothWays(pairs: readonly ActivationPair[]) {
  return pairs.flatMap(({ a, b, transfer }) =>
    transfer
      ? [
          { sae: a, on: b, found: transfer.aOnB, transfer, at: 0 },
          { sae: b, on: a, found: transfer.bOnA, transfer, at: 1 },
        ]
      : [],
  );
}

interface Work {
  readonly backend: Backend;
  readonly saes: readonly OpenedSae[];
  readonly sets: readonly RowSet[];
  readonly encoded: ComparedCodes;
  /** Whether transfer is asked for also where SAEs are of one place. */
  readonly transfer: boolean;
  readonly pairDone: (done: number, total: number) => Promise<void>;
  readonly pause: () => Promise<void>;
}

/** Support Jaccard of matched latents, next to that of shuffled partners. */
function codeConsistency(a: KeptCodes, b: KeptCodes, { partnerOfA }: CorrelationMatching) {
  const agreement = new CodeAgreement([a.latents, b.latents], [{ a: 0, b: 1, partnerOfA }]);
  for (const [i, piece] of a.pieces.entries()) agreement.add([piece, b.pieces[i]!]);
  return agreement.numbers()[0]!;
}

async function matchPair(
  backend: Backend,
  a: number,
  b: number,
  codes: readonly [KeptCodes, KeptCodes],
): Promise<Omit<ActivationPair, "transfer">> {
  const [ofA, ofB] = codes;
  const live = liveLatents(ofA, ofB);
  const latents = [live[0].latents, live[1].latents] as const;
  const found = await matchByCorrelation(backend, ofA, ofB, latents);
  const none = await matchByCorrelation(backend, ofA, ofB, latents, nullShift(ofA.rows));
  const nulls = frequencyDeciles(ofA, ofB, none);
  const values = found.correlation.filter((_, i) => found.partnerOfA[i]! >= 0);
  const { jaccard, jaccardNull } = codeConsistency(ofA, ofB, found);
  return {
    a,
    b,
    rows: ofA.rows,
    live: [live[0].all, live[1].all],
    matched: found.pairs,
    correlation: found.mean,
    correlationNull: none.mean,
    interval: meanBootstrap(randomStream(0, `lab/correlation/${a}/${b}`), values),
    jaccard,
    jaccardNull,
    deciles: frequencyDeciles(ofA, ofB, found).map((decile, g) => ({
      ...decile,
      correlationNull: nulls[g]!.correlation,
    })),
  };
}

/**
 * Compares all pairs of SAEs that have rows of the same things.
 *
 * @throws what `pairDone` and `pause` throw.
 */
export async function compareActivations(work: Work): Promise<ActivationComparison> {
  const { backend, saes, sets, encoded, pairDone, pause } = work;
  const setOf = setsBySae(sets, saes.length);
  const fitted = new FittedMaps(backend, pause);
  const nulls = new MccNulls(backend);
  const pairs: ActivationPair[] = [];
  const skipped: { a: number; b: number; why: string }[] = [];
  const warnings = new Set<string>();
  const all = allPairs(saes.length).filter(([a, b]) => setOf[a] && setOf[b]);
  for (const [at, [a, b]] of all.entries()) {
    const [ofA, ofB] = [setOf[a]!, setOf[b]!];
    const why = whyNotPaired(ofA, ofB) ?? whyDead(saes, encoded, a, b);
    if (why !== undefined) {
      skipped.push({ a, b, why });
      warnings.add(`${why}: no activations are compared across them.`);
    } else {
      const codes = [encoded.codes[a]!, encoded.codes[b]!] as const;
      for (const set of [ofA, ofB])
        if (codes[0].rows < set.rows.rows)
          warnings.add(
            `${set.name}: latents are matched on the first ${codes[0].rows} of ${set.rows.rows} rows, whose codes fill ${MOST_CODE_BYTES / 2 ** 30} GiB.`,
          );
      const pair = await matchPair(backend, a, b, codes);
      if (pair.matched < Math.min(...pair.live))
        warnings.add(
          `${saes[a]!.name} and ${saes[b]!.name}: the ${pair.matched} most frequent latents are matched by activation, not all ${Math.min(...pair.live)}.`,
        );
      const wanted = work.transfer || (ofA !== ofB && basesDiffer(saes[a]!, saes[b]!, ofA, ofB));
      const unfit = wanted ? whyNoTransfer(ofA, ofB) : undefined;
      if (unfit !== undefined) warnings.add(`${unfit}: no transfer FVU.`);
      pairs.push({
        ...pair,
        transfer: wanted && unfit === undefined ? await tried(a, b) : undefined,
      });
    }
    await pairDone(at + 1, all.length);
  }
  return { pairs, skipped, warnings: [...warnings] };

  async function tried(a: number, b: number) {
    const [one, other] = [saes[a]!.sae, saes[b]!.sae];
    const places = [
      { sae: one, set: setOf[a]! },
      { sae: other, set: setOf[b]! },
    ] as const;
    const transfer = await transferBetween(backend, ...places, fitted, pause);
    const mccNull = await nulls.of(one.dSae, other.dSae, Math.max(one.dIn, other.dIn));
    return { ...transfer, mccNull };
  }
}

/** Why latents of two SAEs have no correlation; undefined where some have. */
function whyDead(
  saes: readonly OpenedSae[],
  { codes }: ComparedCodes,
  a: number,
  b: number,
): string | undefined {
  const dead = [a, b].filter((i) => {
    const kept = codes[i];
    return !kept?.active.some((_, latent) => kept.variation(latent) > 0);
  });
  if (dead.length === 0) return undefined;
  return `${dead.map((i) => saes[i]!.name).join(" and ")}: no latent's activation varies over these rows`;
}
