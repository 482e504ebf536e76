/**
 * @file Every published measure of how far two SAEs hold the same dictionary, by their weights
 *   alone.
 *
 *   mean_max       mean_i max_j cos(d_i, d'_j), one direction        ("MCS" of Migerovitch et al.)
 *   mcc            mean cos under the best one-to-one assignment     (Song et al. 2025; equals the
 *                  exact stability of Fel et al. for unit atoms)
 *   mcc_abs        the same of |cos|
 *   mcc_encoder    the same of encoder directions
 *   shared@τ       share of latents for which the decoder's and the encoder's assignment name the
 *                  same partner and both cosines are ≥ τ             (Paulo and Belrose 2025)
 *
 * Sources: arXiv:2501.16615, arXiv:2505.20254. All signed but mcc_abs.
 */

import type { Backend } from "../../backend/backend.ts";
import { absoluteMcc } from "../matching/absolute.ts";
import { bestMatches } from "../matching/best-matches.ts";
import { type Matching, matchOneToOne } from "../matching/one-to-one.ts";
import type { SaeAtoms } from "./atoms.ts";

/** The thresholds τ of shared@τ. */
export const SHARED_THRESHOLDS = [0.5, 0.7, 0.9] as const;

/** Two SAEs of one d_in held against each other. */
export interface PairMeasures {
  /** From a to b, and from b to a. */
  readonly meanMax: readonly [number, number];
  readonly mcc: number;
  /** Undefined where the dictionaries are too large; see `MOST_ABSOLUTE_PAIRS`. */
  readonly mccAbs: number | undefined;
  readonly mccEncoder: number;
  /** By threshold, in the order of `SHARED_THRESHOLDS`; of the pairs of the assignment. */
  readonly shared: readonly number[];
  /** The assignment of decoder atoms. */
  readonly decoderMatching: Matching;
  /** Largest cosine of each decoder atom in the other dictionary, [d_sae] of a and of b. */
  readonly bestOfA: Float32Array;
  readonly bestOfB: Float32Array;
}

function mean(values: Float32Array): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

/** Share of the pairs on which both assignments agree with both cosines at least τ. */
function sharedLatents(decoder: Matching, encoder: Matching, threshold: number): number {
  let shared = 0;
  for (let i = 0; i < decoder.partnerOfA.length; i++) {
    const partner = decoder.partnerOfA[i]!;
    if (partner < 0 || partner !== encoder.partnerOfA[i]) continue;
    if (decoder.cosine[i]! >= threshold && encoder.cosine[i]! >= threshold) shared++;
  }
  return shared / decoder.pairs;
}

/**
 * Measures a pair.
 *
 * @throws {ShapeError} for SAEs of different d_in, whose atoms have no cosine.
 */
export async function measurePair(
  backend: Backend,
  a: SaeAtoms,
  b: SaeAtoms,
): Promise<PairMeasures> {
  const decoderMatching = await matchOneToOne(backend, a.decoder, b.decoder);
  const encoderMatching = await matchOneToOne(backend, a.encoder, b.encoder);
  const best = await bestMatches(backend, a.decoder, b.decoder);
  return {
    meanMax: [mean(best.bestOfA), mean(best.bestOfB)],
    mcc: decoderMatching.mean,
    mccAbs: await absoluteMcc(backend, a.decoder, b.decoder),
    mccEncoder: encoderMatching.mean,
    shared: SHARED_THRESHOLDS.map((t) => sharedLatents(decoderMatching, encoderMatching, t)),
    decoderMatching,
    bestOfA: best.bestOfA,
    bestOfB: best.bestOfB,
  };
}
