/** @file Whether agreement tells truth: over checkpoints, settings, members and single latents. */

import { linearFit } from "../../src/base/statistics/linear-fit.ts";
import { mean } from "../../src/base/statistics/mean.ts";
import { type Backend, bestMatches, comparePair } from "../../src/index.ts";
import type { Organism, Point } from "./organism.ts";

/** Pearson's correlation; NaN where it has no value. */
export function correlation(x: ArrayLike<number>, y: ArrayLike<number>): number {
  return linearFit(x, y)?.correlation ?? Number.NaN;
}

/** Correlation of PW-MCC and GT-MCC over some checkpoints. */
export function overSteps(points: readonly Point[]): number {
  return correlation(
    points.map(({ pwMcc }) => pwMcc),
    points.map(({ gtMcc }) => gtMcc),
  );
}

/** What a member's agreement with the others is next to its agreement with the truth. */
export interface MemberPoint {
  readonly others: number;
  readonly truth: number;
}

/** The members of a population: mean MCC with the others, MCC with the truth. */
export async function memberPoints(
  backend: Backend,
  { dictionaries, truth }: Organism,
): Promise<MemberPoint[]> {
  const toOthers = dictionaries.map((): number[] => []);
  const points: MemberPoint[] = [];
  for (const [a, one] of dictionaries.entries())
    for (const [b, other] of dictionaries.entries()) {
      if (a >= b) continue;
      const { mcc } = await comparePair(backend, one, other);
      toOthers[a]!.push(mcc);
      toOthers[b]!.push(mcc);
    }
  for (const [a, one] of dictionaries.entries())
    points.push({
      others: mean(toOthers[a]!),
      truth: (await comparePair(backend, one, truth)).mcc,
    });
  return points;
}

/**
 * Correlation over the members of several populations, each number less its population's mean:
 * whether, of SAEs trained alike, those that agree more are nearer to the truth.
 */
export function withinPopulations(populations: readonly (readonly MemberPoint[])[]): number {
  const centred = (of: (point: MemberPoint) => number) =>
    populations.flatMap((points) => {
      const middle = mean(points.map(of));
      return points.map((point) => of(point) - middle);
    });
  return correlation(
    centred(({ others }) => others),
    centred(({ truth }) => truth),
  );
}

/**
 * Mean over members of the correlation, over latents, of the largest cosine in another member with
 * the largest cosine with a true feature.
 */
export async function overLatents(
  backend: Backend,
  { dictionaries, truth }: Organism,
): Promise<number> {
  const found: number[] = [];
  for (const [a, one] of dictionaries.entries()) {
    const inOthers = new Float64Array(one.count);
    for (const [b, other] of dictionaries.entries()) {
      if (a === b) continue;
      const { bestOfA } = await bestMatches(backend, one, other);
      for (const [f, cosine] of bestOfA.entries())
        inOthers[f]! += cosine / (dictionaries.length - 1);
    }
    found.push(correlation(inOthers, (await bestMatches(backend, one, truth)).bestOfA));
  }
  return mean(found);
}

/** The share of the way from the null to 1. */
export const excess = (value: number, chance: number) => (value - chance) / (1 - chance);
