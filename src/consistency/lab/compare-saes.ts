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
import { type MeasureOptions, measurePair, type PairMeasures } from "./pair-measures.ts";

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
  /** The same of the MCC of sizes and of the exact stability, where they are measured. */
  readonly mccAbsInterval: Interval | undefined;
  readonly stabilityExactInterval: Interval | undefined;
}

/** A pair that has no cosines, and why. */
export interface SkippedPair {
  readonly a: number;
  readonly b: number;
  readonly why: string;
}

/**
 * A measure of pairs over all pairs of SAEs. Of the MCC it is the PW-MCC (Song et al. 2025,
 * arXiv:2505.20254).
 */
export interface PairwiseMean {
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
  readonly pwMcc: PairwiseMean | undefined;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

/** A measure of one pair, and its null; undefined where the pair lacks it. */
export type PairNumber = (
  pair: Pick<LabPair, "measures" | "null">,
) => readonly [value: number, none: number] | undefined;

/**
 * The mean of a measure over pairs of SAEs. Resampled SAEs are paired with others only.
 *
 * @returns Undefined where no pair has the measure.
 */
export function pairwiseMean(
  pairs: readonly Pick<LabPair, "a" | "b" | "measures" | "null">[],
  of: PairNumber,
): PairwiseMean | undefined {
  const numbers = pairs.flatMap((pair) => {
    const found = of(pair);
    return found ? [{ a: pair.a, b: pair.b, value: found[0], none: found[1] }] : [];
  });
  if (numbers.length === 0) return undefined;
  const saes = [...new Set(numbers.flatMap(({ a, b }) => [a, b]))];
  const average = mean(numbers.map(({ value }) => value));
  const known = new Map(numbers.map(({ a, b, value }) => [`${a} ${b}`, value]));
  const interval =
    saes.length < 3
      ? undefined
      : bootstrapInterval(randomStream(0, "lab/pw-mcc"), saes.length, (drawn) => {
          const found: number[] = [];
          for (const [i, j] of allPairs(drawn.length)) {
            const [a, b] = [saes[drawn[i]!]!, saes[drawn[j]!]!];
            const value = known.get(`${Math.min(a, b)} ${Math.max(a, b)}`);
            if (value !== undefined) found.push(value);
          }
          return found.length === 0 ? undefined : mean(found);
        });
  const squares = numbers.reduce((sum, { value }) => sum + (value - average) ** 2, 0);
  return {
    mean: average,
    sd: numbers.length < 2 ? undefined : Math.sqrt(squares / (numbers.length - 1)),
    null: mean(numbers.map(({ none }) => none)),
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
  options: MeasureOptions = {},
): Promise<LabComparison> {
  const nulls = new LabNulls(backend, options);
  const pairs: LabPair[] = [];
  const skipped: SkippedPair[] = [];
  const all = allPairs(saes.length);
  for (const [at, [a, b]] of all.entries()) {
    const [first, second] = [saes[a]!.decoder, saes[b]!.decoder];
    if (first.d === second.d) {
      const measures = await measurePair(backend, saes[a]!, saes[b]!, options);
      const matched = measures.decoderMatching.cosine.filter(
        (_, i) => measures.decoderMatching.partnerOfA[i]! >= 0,
      );
      pairs.push({
        a,
        b,
        measures,
        null: await nulls.of(first.count, second.count, first.d),
        mccInterval: meanBootstrap(randomStream(0, `lab/mcc/${a}/${b}`), matched),
        mccAbsInterval:
          measures.bySize &&
          meanBootstrap(randomStream(0, `lab/size/${a}/${b}`), measures.bySize.map(Math.abs)),
        stabilityExactInterval:
          measures.byDistance &&
          meanBootstrap(randomStream(0, `lab/distance/${a}/${b}`), measures.byDistance),
      });
    } else {
      const why = `d_in ${first.d} and ${second.d}: atoms of different spaces have no cosine`;
      skipped.push({ a, b, why });
    }
    await pairDone(at + 1, all.length);
  }
  return { pairs, skipped, pwMcc: pairwiseMean(pairs, (p) => [p.measures.mcc, p.null.mcc]) };
}
