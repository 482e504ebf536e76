/**
 * @file Whether matched latents also fire alike on the same rows. Two SAEs can hold the same
 *   dictionary and still use it differently (Nelson et al. 2026, arXiv:2605.31245).
 *
 *   jaccard_i      rows in which latent i and its partner are both active / rows in which either is
 *   correlation_i  Pearson correlation of their activations over all rows, zeros included
 *
 * Both are averaged over matched latents of which each fired at least once. The null is the same
 * with partners shuffled among the matched ones.
 */

import { permutation, randomStream } from "../../../base/philox.ts";
import type { EncodedBatch } from "../../../sae/sae.ts";

/** Two SAEs and the assignment between them. */
export interface MatchedSaes {
  /** Indices of the SAEs. */
  readonly a: number;
  readonly b: number;
  /** For each latent of a its partner in b, or −1. */
  readonly partnerOfA: Int32Array;
}

/** Means over matched latents. */
export interface CodeAgreementNumbers {
  readonly jaccard: number;
  readonly correlation: number;
  readonly jaccardNull: number;
  readonly correlationNull: number;
  /** Matched latents of which each fired at least once; means are NaN without any. */
  readonly latents: number;
}

/** Sums over rows for each latent of one SAE. */
class Activity {
  /** Rows that were encoded. */
  encoded = 0;
  /** Rows in which each latent was active. */
  readonly rows: Float64Array;
  readonly sum: Float64Array;
  readonly squares: Float64Array;
  /** The code of the present row, dense. */
  readonly row: Float32Array;

  constructor(latents: number) {
    this.rows = new Float64Array(latents);
    this.sum = new Float64Array(latents);
    this.squares = new Float64Array(latents);
    this.row = new Float32Array(latents);
  }

  /** n² times the variance of a latent over n rows; 0 for one that has the same value in all. */
  variance(latent: number): number {
    const all = this.encoded * this.squares[latent]!;
    const spread = all - this.sum[latent]! ** 2;
    // Equal values leave a rest of rounding.
    return spread > 1e-12 * all ? spread : 0;
  }
}

/** Sums over rows for each latent of a and one choice of partners. */
class Joint {
  readonly partnerOfA: Int32Array;
  readonly both: Float64Array;
  readonly products: Float64Array;

  constructor(partnerOfA: Int32Array) {
    this.partnerOfA = partnerOfA;
    this.both = new Float64Array(partnerOfA.length);
    this.products = new Float64Array(partnerOfA.length);
  }

  add(latent: number, value: number, other: Float32Array): void {
    const partner = this.partnerOfA[latent]!;
    if (partner < 0 || other[partner] === 0) return;
    this.both[latent]!++;
    this.products[latent]! += value * other[partner]!;
  }
}

/** The partners in another order, over the same latents of a. */
function shuffled(partnerOfA: Int32Array, name: string): Int32Array {
  const matched = Array.from(partnerOfA.keys()).filter((i) => partnerOfA[i]! >= 0);
  const order = permutation(randomStream(0, name), matched.length);
  const out = partnerOfA.slice();
  for (const [at, i] of matched.entries()) out[i] = partnerOfA[matched[order[at]!]!]!;
  return out;
}

/** Gathers codes of the same rows through several SAEs, batch by batch. */
export class CodeAgreement {
  readonly #pairs: readonly MatchedSaes[];
  readonly #activity: readonly Activity[];
  readonly #joint: readonly Joint[];
  readonly #shuffled: readonly Joint[];

  /** @param latents Number of latents of each SAE. */
  constructor(latents: readonly number[], pairs: readonly MatchedSaes[]) {
    this.#pairs = pairs;
    this.#activity = latents.map((n) => new Activity(n));
    this.#joint = pairs.map(({ partnerOfA }) => new Joint(partnerOfA));
    this.#shuffled = pairs.map(
      ({ a, b, partnerOfA }) => new Joint(shuffled(partnerOfA, `lab/codes/${a}/${b}`)),
    );
  }

  /**
   * Adds a batch: the codes of its rows through every SAE, in their order. An SAE that has none of
   * the rows is undefined; the two of a pair have the same rows.
   */
  add(codes: readonly (EncodedBatch | undefined)[]): void {
    const rows = Math.max(0, ...codes.map((code) => code?.rows ?? 0));
    for (let r = 0; r < rows; r++) {
      for (const [s, code] of codes.entries())
        if (code && r < code.rows) this.#enter(this.#activity[s]!, code, r);
      for (const [p, { a, b }] of this.#pairs.entries()) {
        const code = codes[a];
        if (code && r < code.rows)
          this.#join(code, r, this.#activity[b]!.row, [this.#joint[p]!, this.#shuffled[p]!]);
      }
      for (const [s, code] of codes.entries()) {
        if (!code || r >= code.rows) continue;
        const { row } = this.#activity[s]!;
        for (let e = code.indptr[r]!; e < code.indptr[r + 1]!; e++) row[code.indices[e]!] = 0;
      }
    }
  }

  #enter(activity: Activity, { indptr, indices, values }: EncodedBatch, r: number): void {
    activity.encoded++;
    for (let e = indptr[r]!; e < indptr[r + 1]!; e++) {
      const [latent, value] = [indices[e]!, values[e]!];
      if (value === 0) continue;
      activity.row[latent] = value;
      activity.rows[latent]!++;
      activity.sum[latent]! += value;
      activity.squares[latent]! += value * value;
    }
  }

  #join(
    { indptr, indices, values }: EncodedBatch,
    r: number,
    other: Float32Array,
    joints: readonly Joint[],
  ): void {
    for (let e = indptr[r]!; e < indptr[r + 1]!; e++)
      if (values[e] !== 0) for (const joint of joints) joint.add(indices[e]!, values[e]!, other);
  }

  /** Share of an SAE's rows so far in which each latent was active, [latents]; undefined before. */
  density(sae: number): Float32Array | undefined {
    const { encoded, rows } = this.#activity[sae]!;
    return encoded === 0 ? undefined : Float32Array.from(rows, (n) => n / encoded);
  }

  /** The numbers of every pair, in the order in which pairs were given. */
  numbers(): CodeAgreementNumbers[] {
    return this.#pairs.map(({ a, b }, p) => {
      const found = this.#means(a, b, this.#joint[p]!);
      const none = this.#means(a, b, this.#shuffled[p]!);
      return {
        jaccard: found.jaccard,
        correlation: found.correlation,
        jaccardNull: none.jaccard,
        correlationNull: none.correlation,
        latents: found.latents,
      };
    });
  }

  /**
   * How alike each latent of a and its partner fire, [latents of a]. NaN for a latent without a
   * partner, and where one of the two never fired.
   *
   * @param pair Its place among the pairs.
   */
  perLatent(pair: number): { readonly jaccard: Float64Array; readonly correlation: Float64Array } {
    const { a, b } = this.#pairs[pair]!;
    return this.#perLatent(a, b, this.#joint[pair]!);
  }

  #perLatent(a: number, b: number, { partnerOfA, both, products }: Joint) {
    const [of, other] = [this.#activity[a]!, this.#activity[b]!];
    const n = of.encoded;
    const jaccard = new Float64Array(partnerOfA.length).fill(Number.NaN);
    const correlation = jaccard.slice();
    for (let i = 0; i < partnerOfA.length; i++) {
      const j = partnerOfA[i]!;
      if (j < 0 || of.rows[i] === 0 || other.rows[j] === 0) continue;
      jaccard[i] = both[i]! / (of.rows[i]! + other.rows[j]! - both[i]!);
      const covariance = n * products[i]! - of.sum[i]! * other.sum[j]!;
      const variances = of.variance(i) * other.variance(j);
      // A latent that has one value in every row correlates with nothing.
      correlation[i] = variances > 0 ? covariance / Math.sqrt(variances) : 0;
    }
    return { jaccard, correlation };
  }

  #means(a: number, b: number, joint: Joint) {
    const { jaccard, correlation } = this.#perLatent(a, b, joint);
    const fired = Array.from(jaccard.keys()).filter((i) => !Number.isNaN(jaccard[i]));
    const mean = (of: Float64Array) => fired.reduce((sum, i) => sum + of[i]!, 0) / fired.length;
    return { jaccard: mean(jaccard), correlation: mean(correlation), latents: fired.length };
  }
}
