/**
 * @file Every published measure of how far two SAEs hold the same dictionary, by their weights
 *   alone.
 *
 *   mean_max       mean_i max_j cos(d_i, d'_j), one direction        ("MCS" of Migerovitch et al.)
 *   mcc            mean cos under the best one-to-one assignment     (Song et al. 2025)
 *   mcc_abs        the same of |cos|
 *   mcc_encoder    the same of encoder directions
 *   shared@τ       share of latents for which the decoder's and the encoder's assignment name the
 *                  same partner and both cosines are ≥ τ             (Paulo and Belrose 2025)
 *
 *   stability_exact  mean cos under the assignment with the smallest summed distance of unit
 *                  atoms, trace(AᵀΠB) / n        (Gadgil et al. 2025, after Fel et al. 2025)
 *
 * Sources: arXiv:2501.16615, arXiv:2505.20254, arXiv:2505.16077. All signed but mcc_abs.
 */

import type { Backend } from "../../backend/backend.ts";
import { bestMatches } from "../matching/best-matches.ts";
import { type Matching, matchOneToOne } from "../matching/one-to-one.ts";
import { scoredAssignment } from "../matching/scored-assignment.ts";
import type { SaeAtoms } from "./atoms.ts";
import { type Representation, representationOf } from "./representation.ts";

/**
 * Above this many pairs of atoms, the assignments by |cos| and by distance need to be asked for. At
 * 16384 × 16384 each takes ten times as long as that by cosine.
 */
const MOST_SCORED_PAIRS = 2 ** 26;

/** What may take long is measured only where it is wanted. */
export interface MeasureOptions {
  /** Assignments by |cos| and by distance for dictionaries of any size. Default false. */
  readonly anySize?: boolean;
}

/** The thresholds τ of shared@τ. */
export const SHARED_THRESHOLDS = [0.5, 0.7, 0.9] as const;

/** Two SAEs of one d_in held against each other. */
export interface PairMeasures {
  /** From a to b, and from b to a. */
  readonly meanMax: readonly [number, number];
  readonly mcc: number;
  /** Undefined where the dictionaries are too large; see `MOST_SCORED_PAIRS`. */
  readonly mccAbs: number | undefined;
  /** Undefined where the dictionaries are too large. */
  readonly stabilityExact: number | undefined;
  /** Cosines of the pairs of those two assignments, [min(n, m)]. */
  readonly bySize: Float32Array | undefined;
  readonly byDistance: Float32Array | undefined;
  readonly mccEncoder: number;
  /** By threshold, in the order of `SHARED_THRESHOLDS`; of the pairs of the assignment. */
  readonly shared: readonly number[];
  /** The assignment of decoder atoms. */
  readonly decoderMatching: Matching;
  /** The assignment of encoder directions. */
  readonly encoderMatching: Matching;
  /** How alike matched decoder atoms are arranged; undefined for fewer than three pairs. */
  readonly representation: Representation | undefined;
  /** Largest cosine of each decoder atom in the other dictionary, [d_sae] of a and of b. */
  readonly bestOfA: Float32Array;
  readonly bestOfB: Float32Array;
  /** The atom of the other dictionary that has it, [d_sae] of a and of b. */
  readonly nearestOfA: Int32Array;
  readonly nearestOfB: Int32Array;
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
  { anySize = false }: MeasureOptions = {},
): Promise<PairMeasures> {
  const decoderMatching = await matchOneToOne(backend, a.decoder, b.decoder);
  const encoderMatching = await matchOneToOne(backend, a.encoder, b.encoder);
  const best = await bestMatches(backend, a.decoder, b.decoder);
  const isScored = anySize || a.decoder.count * b.decoder.count <= MOST_SCORED_PAIRS;
  const scored = async (score: "absolute" | "distance") =>
    isScored ? scoredAssignment(backend, a.decoder, b.decoder, score) : undefined;
  const bySize = await scored("absolute");
  const byDistance = await scored("distance");
  return {
    meanMax: [mean(best.bestOfA), mean(best.bestOfB)],
    mcc: decoderMatching.mean,
    mccAbs: bySize && mean(bySize.map(Math.abs)),
    stabilityExact: byDistance && mean(byDistance),
    bySize,
    byDistance,
    mccEncoder: encoderMatching.mean,
    shared: SHARED_THRESHOLDS.map((t) => sharedLatents(decoderMatching, encoderMatching, t)),
    decoderMatching,
    encoderMatching,
    representation: await representationOf(
      backend,
      a.decoder,
      b.decoder,
      decoderMatching.partnerOfA,
    ),
    bestOfA: best.bestOfA,
    bestOfB: best.bestOfB,
    nearestOfA: best.partnerOfA,
    nearestOfB: best.partnerOfB,
  };
}
