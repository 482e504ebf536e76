/** @file The latents of all members in one list, for the figures that show them together. */

import { largestRandomCosine } from "../base/statistics/largest-random-cosine.ts";
import { sum } from "../base/statistics/mean.ts";
import type { EvaluationResult } from "../runs/results.ts";
import type { MemberLatents } from "./run-data.ts";

/**
 * Values of the same latents at the same positions; a quantity that some member lacks is undefined.
 */
export interface PooledLatents {
  readonly members: readonly string[];
  readonly density: Float32Array;
  readonly bestInOthers: Float32Array | undefined;
  readonly bestInTruth: Float32Array | undefined;
}

function joined(arrays: readonly (Float32Array | undefined)[]): Float32Array | undefined {
  const present = arrays.filter((a) => a !== undefined);
  if (present.length < arrays.length || arrays.length === 0) return undefined;
  const out = new Float32Array(present.reduce((n, a) => n + a.length, 0));
  let at = 0;
  for (const array of present) {
    out.set(array, at);
    at += array.length;
  }
  return out;
}

/**
 * The latents of the members that are not independent, or undefined when nothing is known of them.
 */
export function pooledLatents(
  evaluation: EvaluationResult | undefined,
  latents: ReadonlyMap<string, MemberLatents>,
): PooledLatents | undefined {
  const members = evaluation?.members.filter((m) => m.coupled).map((m) => m.name) ?? [];
  const of = (key: keyof MemberLatents) => joined(members.map((name) => latents.get(name)?.[key]));
  const density = of("density");
  if (!density) return undefined;
  return {
    members,
    density,
    bestInOthers: of("bestInOthers"),
    bestInTruth: of("bestInTruth"),
  };
}

/**
 * The null of `bestInOthers`: the largest cosine to any atom of the other members, were all
 * directions random, averaged over members. It is larger than the null of one pair, because every
 * further member offers more atoms to be near to.
 *
 * @returns undefined when widths are unknown or there is one member.
 */
export function bestInOthersNull(
  pooled: PooledLatents,
  latents: ReadonlyMap<string, MemberLatents>,
  dIn: number | undefined,
): number | undefined {
  const sizes = pooled.members.map((name) => latents.get(name)?.density?.length ?? 0);
  if (dIn === undefined || dIn < 2 || sizes.length < 2) return undefined;
  const all = sum(sizes);
  const known = new Map<number, number>();
  let total = 0;
  for (const size of sizes) {
    const others = all - size;
    if (others < 1) return undefined;
    const value = known.get(others) ?? largestRandomCosine(dIn, others);
    known.set(others, value);
    total += value * size;
  }
  return total / all;
}
