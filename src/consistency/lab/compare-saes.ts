/** @file All pairs of some SAEs, each measure next to its null, and what they come to together. */

import type { Backend } from "../../backend/backend.ts";
import { randomStream } from "../../base/philox.ts";
import {
  bootstrapInterval,
  type Interval,
  meanBootstrap,
} from "../../base/statistics/bootstrap.ts";
import { allPairs } from "../compared-pairs.ts";
import type { SaeAtoms } from "./atoms.ts";
import { LabNulls, type NullMeasures } from "./null-measures.ts";
import { measurePair, type PairMeasures } from "./pair-measures.ts";

/** A compared pair of SAEs. */
export interface LabPair {
  /** Indices, a < b. */
  readonly a: number;
  readonly b: number;
  readonly measures: PairMeasures;
  readonly null: NullMeasures;
  /**
   * 95 % interval of the MCC by resampling latents; undefined with fewer than two pairs of atoms.
   */
  readonly mccInterval: Interval | undefined;
}

/** A pair that has no cosines, and why. */
export interface SkippedPair {
  readonly a: number;
  readonly b: number;
  readonly why: string;
}

/** PW-MCC (Song et al. 2025, arXiv:2505.20254): the MCC over all pairs of SAEs. */
export interface PairwiseMcc {
  readonly mean: number;
  /** Standard deviation over pairs; undefined for one pair. */
  readonly sd: number | undefined;
  readonly null: number;
  /** 95 % interval by resampling SAEs; undefined for fewer than three. */
  readonly interval: Interval | undefined;
}

/** What comparing SAEs came to. */
export interface LabComparison {
  readonly pairs: readonly LabPair[];
  readonly skipped: readonly SkippedPair[];
  /** Undefined without a pair. */
  readonly pwMcc: PairwiseMcc | undefined;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

/** PW-MCC over pairs of SAEs; resampled SAEs are paired with others only. */
function pairwiseMcc(
  pairs: readonly Pick<LabPair, "a" | "b" | "measures" | "null">[],
): PairwiseMcc | undefined {
  if (pairs.length === 0) return undefined;
  const saes = [...new Set(pairs.flatMap(({ a, b }) => [a, b]))];
  const values = pairs.map(({ measures }) => measures.mcc);
  const average = mean(values);
  const known = new Map(pairs.map(({ a, b, measures }) => [`${a} ${b}`, measures.mcc]));
  const interval =
    saes.length < 3
      ? undefined
      : bootstrapInterval(randomStream(0, "lab/pw-mcc"), saes.length, (drawn) => {
          const found: number[] = [];
          for (const [i, j] of allPairs(drawn.length)) {
            const [a, b] = [saes[drawn[i]!]!, saes[drawn[j]!]!];
            const mcc = known.get(`${Math.min(a, b)} ${Math.max(a, b)}`);
            if (mcc !== undefined) found.push(mcc);
          }
          return found.length === 0 ? undefined : mean(found);
        });
  const squares = values.reduce((sum, v) => sum + (v - average) ** 2, 0);
  return {
    mean: average,
    sd: values.length < 2 ? undefined : Math.sqrt(squares / (values.length - 1)),
    null: mean(pairs.map((p) => p.null.mcc)),
    interval,
  };
}

/**
 * Compares every pair of SAEs by their weights.
 *
 * @param pairDone Called and awaited after each pair; what it throws ends the comparison.
 */
export async function compareSaes(
  backend: Backend,
  saes: readonly SaeAtoms[],
  pairDone: (done: number, total: number) => void | Promise<void> = () => {},
): Promise<LabComparison> {
  const nulls = new LabNulls(backend);
  const pairs: LabPair[] = [];
  const skipped: SkippedPair[] = [];
  const all = allPairs(saes.length);
  for (const [at, [a, b]] of all.entries()) {
    const [first, second] = [saes[a]!.decoder, saes[b]!.decoder];
    if (first.d === second.d) {
      const measures = await measurePair(backend, saes[a]!, saes[b]!);
      const matched = measures.decoderMatching.cosine.filter(
        (_, i) => measures.decoderMatching.partnerOfA[i]! >= 0,
      );
      pairs.push({
        a,
        b,
        measures,
        null: await nulls.of(first.count, second.count, first.d),
        mccInterval: meanBootstrap(randomStream(0, `lab/mcc/${a}/${b}`), matched),
      });
    } else {
      const why = `d_in ${first.d} and ${second.d}: atoms of different spaces have no cosine`;
      skipped.push({ a, b, why });
    }
    await pairDone(at + 1, all.length);
  }
  return { pairs, skipped, pwMcc: pairwiseMcc(pairs) };
}
