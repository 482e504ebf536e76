/**
 * @file Agreement without dead latents. A latent that never fires keeps the atom that it had when
 *   it died, often its random start, and pulls every mean towards the null.
 */

import type { Backend } from "../../backend/backend.ts";
import { largestRandomCosine } from "../../base/statistics/largest-random-cosine.ts";
import { mean } from "../../base/statistics/mean.ts";
import { bestMatches } from "../matching/best-matches.ts";
import type { Dictionary } from "../matching/dictionary.ts";
import { matchOneToOne } from "../matching/one-to-one.ts";
import type { MccNulls } from "../null-model.ts";
import { subDictionary } from "./atom-rows.ts";

/** The measures of a pair over latents that fire. */
export interface AliveAgreement {
  /** Latents that fire, of each side. */
  readonly latents: readonly [number, number];
  readonly mcc: number;
  readonly mccNull: number;
  /** From a to b, and from b to a. */
  readonly meanMax: readonly [number, number];
  /** Undefined for d_in 1. */
  readonly meanMaxNull: readonly [number, number] | undefined;
}

/** The latents that fire: their density is above 0. */
export function aliveOf(density: Float32Array): Int32Array {
  return Int32Array.from(density.keys()).filter((i) => density[i]! > 0);
}

/**
 * Matches the latents that fire anew, and measures how far they agree.
 *
 * @param alive Indices of the latents that fire, of a and of b.
 * @returns Undefined where one side has none.
 */
export async function aliveAgreement(
  backend: Backend,
  [a, b]: readonly [Dictionary, Dictionary],
  alive: readonly [Int32Array, Int32Array],
  nulls: MccNulls,
): Promise<AliveAgreement | undefined> {
  const latents = [alive[0].length, alive[1].length] as const;
  if (latents[0] === 0 || latents[1] === 0) return undefined;
  const first = await subDictionary(backend, a, alive[0]);
  const second = await subDictionary(backend, b, alive[1]);
  const matching = await matchOneToOne(backend, first, second);
  const best = await bestMatches(backend, first, second);
  const random = (atoms: number) => largestRandomCosine(a.d, atoms);
  return {
    latents,
    mcc: matching.mean,
    mccNull: await nulls.of(...latents, a.d),
    meanMax: [mean(best.bestOfA), mean(best.bestOfB)],
    meanMaxNull: a.d < 2 ? undefined : [random(latents[1]), random(latents[0])],
  };
}
