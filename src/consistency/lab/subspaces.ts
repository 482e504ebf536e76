/**
 * @file Whether dictionaries agree on subspaces where they do not agree on atoms. The basis of a
 *   subspace may differ from SAE to SAE while the subspace comes back (Gerasimov et al. 2026,
 *   arXiv:2606.12138).
 *
 * All atoms of an SAE with d_sae > d_in span everything, so subspaces are compared by rank. V_r
 * holds the r leading eigenvectors of DᵀD for the atoms D in question, which are not centred.
 *
 *   overlap(r)   ‖V_r V'_rᵀ‖² / r, the mean squared cosine of the principal angles
 *                (Björck and Golub 1973); r / d_in for random subspaces of rank r
 *   energy(r)    mean over the unmatched atoms a of one SAE of ‖V_r a‖², V_r from the unmatched
 *                atoms of the other; r / d_in for random atoms, and for the span of random atoms
 *
 * Activations fill their space unevenly, and atoms follow them: r / d_in alone is too easy to beat.
 * So the energy of the *matched* atoms on the same V_r stands beside it. Only what the unmatched
 * atoms have beyond them speaks for a subspace of their own.
 */

import type { Backend } from "../../backend/backend.ts";
import { randomStream } from "../../base/philox.ts";
import { type Interval, meanBootstrap } from "../../base/statistics/bootstrap.ts";
import { mean } from "../../base/statistics/mean.ts";
import { type LeadingDirections, leadingDirections } from "../../linalg/leading-directions.ts";
import { singularValues } from "../../linalg/singular-values.ts";
import type { Dictionary } from "../matching/dictionary.ts";
import type { Matching } from "../matching/one-to-one.ts";
import { type Rows, rowsOf } from "./atom-rows.ts";

/** The largest rank that is looked at. */
const MOST_RANK = 64;
/** The rank whose principal angles are listed. */
const ANGLES = 16;
const RANDOM_DRAWS = 3;

/** 1, 2, 4, … up to min(64, d). */
function ranksUpTo(d: number): number[] {
  const most = Math.min(MOST_RANK, d);
  return Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, i) => 2 ** i);
}

/** How far the leading subspaces of two dictionaries coincide. */
export interface SubspaceOverlap {
  /** 1, 2, 4, … up to min(64, d_in). */
  readonly ranks: readonly number[];
  /** Mean squared cosine of the principal angles, by rank; and of random subspaces. */
  readonly overlap: readonly number[];
  readonly null: readonly number[];
  /** Principal angles of the subspaces of rank 16, or of all there is, degrees, ascending. */
  readonly angles: readonly number[];
  readonly anglesNull: readonly number[];
}

/** The leading directions of some atoms, as many as are looked at. */
export function leadingOf(backend: Backend, rows: Rows): Promise<LeadingDirections> {
  return leadingDirections(backend, rows, Math.min(MOST_RANK, rows.d));
}

/** Cosines between the directions of two bases, [rank, rank]. */
async function cosinesOf(
  backend: Backend,
  a: LeadingDirections,
  b: LeadingDirections,
  rank: number,
): Promise<Float32Array> {
  const c = backend.float32(rank * rank);
  const shape = { m: rank, n: rank, k: a.d };
  await backend.gemm({ a: a.vectors, b: b.vectors, c, ...shape, transposeB: true });
  return c;
}

const degrees = (cosine: number) => (180 / Math.PI) * Math.acos(Math.min(1, cosine));

/** Principal angles of two subspaces of rank 16, or of all that is held; degrees, ascending. */
export async function principalAngles(
  backend: Backend,
  a: LeadingDirections,
  b: LeadingDirections,
): Promise<number[]> {
  const rank = Math.min(ANGLES, a.held, b.held);
  if (rank === 0) return [];
  const cosines = await cosinesOf(backend, a, b, rank);
  return Array.from(singularValues(cosines, rank, rank), degrees);
}

/** A random subspace of rank `rank`. */
async function randomDirections(backend: Backend, d: number, rank: number, name: string) {
  const matrix = backend.float32(rank * d);
  const [k0, k1] = randomStream(0, `lab/subspaces/${name}`).key;
  await backend.fillRandom({ k0, k1, start: 0, out: matrix, normal: true });
  return leadingDirections(backend, { matrix, count: rank, d }, rank);
}

/** Principal angles of random subspaces, each shape measured once. */
export class AngleNulls {
  readonly #known = new Map<string, Promise<number[]>>();
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Degrees between random subspaces of one rank in d dimensions, ascending; three draws' mean. */
  of(d: number, rank: number): Promise<number[]> {
    const key = `${d} ${rank}`;
    const known = this.#known.get(key) ?? this.#measure(d, rank);
    this.#known.set(key, known);
    return known;
  }

  async #measure(d: number, rank: number): Promise<number[]> {
    const sums = new Array<number>(rank).fill(0);
    for (let i = 0; i < RANDOM_DRAWS; i++) {
      const a = await randomDirections(this.#backend, d, rank, `a/${i}`);
      const b = await randomDirections(this.#backend, d, rank, `b/${i}`);
      const angles = await principalAngles(this.#backend, a, b);
      for (const [j, angle] of angles.entries()) sums[j]! += angle / RANDOM_DRAWS;
    }
    return sums;
  }
}

/** How far the leading subspaces of two dictionaries of one d_in coincide. */
export async function subspaceOverlap(
  backend: Backend,
  a: LeadingDirections,
  b: LeadingDirections,
  nulls: AngleNulls,
): Promise<SubspaceOverlap> {
  const ranks = ranksUpTo(a.d);
  const most = ranks.at(-1)!;
  const cosines = await cosinesOf(backend, a, b, most);
  const overlap = ranks.map((rank) => {
    let sum = 0;
    for (let i = 0; i < rank; i++)
      for (let j = 0; j < rank; j++) sum += cosines[i * most + j]! ** 2;
    return sum / rank;
  });
  const angles = await principalAngles(backend, a, b);
  return {
    ranks,
    overlap,
    null: ranks.map((r) => (Math.min(r, a.held) * Math.min(r, b.held)) / (r * a.d)),
    angles,
    anglesNull: await nulls.of(a.d, angles.length),
  };
}

/** What the unmatched atoms of one SAE have in the span of the unmatched atoms of another. */
export interface UnmatchedEnergy {
  /** Unmatched atoms of the one, and of the other. */
  readonly latents: readonly [number, number];
  readonly ranks: readonly number[];
  /** Mean share of an atom's squared length in the span, by rank; and 95 % by resampling atoms. */
  readonly energy: readonly number[];
  readonly intervals: readonly (Interval | undefined)[];
  /** The same of random atoms: r / d_in, r at most the rank of the span. */
  readonly null: readonly number[];
  /** The same of the matched atoms of the one, on the same span; undefined without any. */
  readonly matched: readonly number[] | undefined;
  /** The same of its unmatched atoms on their own span: the most that can be had. */
  readonly own: readonly number[];
}

/** The squared length of each row within the leading `rank` directions, by rank. */
async function energiesOf(
  backend: Backend,
  rows: Rows,
  { vectors, rank, d }: LeadingDirections,
  ranks: readonly number[],
): Promise<Float32Array[]> {
  const c = backend.float32(rows.count * rank);
  const shape = { m: rows.count, n: rank, k: d };
  await backend.gemm({ a: rows.matrix, b: vectors, c, ...shape, transposeB: true });
  const out = ranks.map(() => new Float32Array(rows.count));
  for (let r = 0; r < rows.count; r++) {
    let [sum, at] = [0, 0];
    for (const [i, until] of ranks.entries()) {
      for (; at < until; at++) sum += c[r * rank + at]! ** 2;
      out[i]![r] = sum;
    }
  }
  return out;
}

/** Latents of a side by whether their partner's cosine is at least τ; dead ones are left out. */
export interface MatchedLatents {
  readonly matched: Int32Array;
  readonly unmatched: Int32Array;
}

/** Divides the latents of a, and those of b, by the assignment from a to b. */
export function byMatch(
  { partnerOfA, cosine }: Pick<Matching, "partnerOfA" | "cosine">,
  latentsOfB: number,
  threshold: number,
  alive: readonly [(latent: number) => boolean, (latent: number) => boolean],
): readonly [MatchedLatents, MatchedLatents] {
  const isMatched = [new Uint8Array(partnerOfA.length), new Uint8Array(latentsOfB)] as const;
  for (const [latent, partner] of partnerOfA.entries())
    if (partner >= 0 && cosine[latent]! >= threshold) {
      isMatched[0][latent] = 1;
      isMatched[1][partner] = 1;
    }
  const divided = (side: 0 | 1): MatchedLatents => {
    const all = Int32Array.from(isMatched[side].keys()).filter(alive[side]);
    return {
      matched: all.filter((i) => isMatched[side][i] === 1),
      unmatched: all.filter((i) => isMatched[side][i] === 0),
    };
  };
  return [divided(0), divided(1)];
}

/** One SAE of a pair in the subspace test. */
export interface UnmatchedSide {
  readonly unmatched: Rows;
  readonly matched: Rows;
  /** Of the unmatched atoms; undefined without any. */
  readonly leading: LeadingDirections | undefined;
}

/** Gathers the atoms of a side, and finds the leading directions of the unmatched ones. */
export async function unmatchedSide(
  backend: Backend,
  atoms: Dictionary,
  latents: MatchedLatents,
): Promise<UnmatchedSide> {
  const unmatched = await rowsOf(backend, atoms, latents.unmatched);
  const matched = await rowsOf(backend, atoms, latents.matched);
  const leading = unmatched.count === 0 ? undefined : await leadingOf(backend, unmatched);
  return { unmatched, matched, leading };
}

/**
 * The subspace test of unmatched latents: how much of them lies where the other SAE's unmatched
 * latents lie.
 *
 * @param name Of the random stream of the intervals.
 * @returns Undefined when one of the two has no unmatched atoms.
 */
export async function unmatchedEnergy(
  backend: Backend,
  one: UnmatchedSide,
  other: UnmatchedSide,
  name: string,
): Promise<UnmatchedEnergy | undefined> {
  const [own, span] = [one.leading, other.leading];
  if (!own || !span) return undefined;
  const { d } = own;
  const ranks = ranksUpTo(d);
  const energies = await energiesOf(backend, one.unmatched, span, ranks);
  const means = async (rows: Rows, directions: LeadingDirections) =>
    (await energiesOf(backend, rows, directions, ranks)).map((values) => mean(values));
  return {
    latents: [one.unmatched.count, other.unmatched.count],
    ranks,
    energy: energies.map((values) => mean(values)),
    intervals: energies.map((values, i) =>
      meanBootstrap(randomStream(0, `lab/unmatched/${name}/${ranks[i]}`), values),
    ),
    null: ranks.map((rank) => Math.min(rank, span.held) / d),
    matched: one.matched.count === 0 ? undefined : await means(one.matched, span),
    own: await means(one.unmatched, own),
  };
}
