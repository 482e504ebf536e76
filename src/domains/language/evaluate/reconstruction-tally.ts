/**
 * @file What an SAE's reconstructions of activations are worth by themselves: the sums behind
 *   SAEBench's `core` numbers.
 */

import type { EncodedBatch } from "../../../sae/sae.ts";

/** Numbers of one SAE over rows that are not outliers. */
export interface ReconstructionNumbers {
  readonly rows: number;
  /** Σ‖x − x̂‖² over Σ‖x − mean‖². */
  readonly fvu: number;
  /** Mean of (x − x̂)² per number. */
  readonly mse: number;
  /** Mean cosine of x and x̂. */
  readonly cosine: number;
  readonly normIn: number;
  readonly normOut: number;
  /** Mean of ‖x̂‖ / ‖x‖: below 1 where reconstructions are too short (shrinkage). */
  readonly normRatio: number;
  /** Σ‖x̂‖² / Σ⟨x, x̂⟩, γ of Rajamanoharan et al. 2024 (arXiv:2404.16014), equation 10. */
  readonly bias: number;
  readonly l0: number;
  readonly l1: number;
  /** By latent: share of the rows in which it is active, [d_sae]. */
  readonly density: Float32Array;
}

/** Adds up rows and their reconstructions. */
export class ReconstructionTally {
  readonly #activeRows: Float64Array;
  #rows = 0;
  #squaredError = 0;
  #cosine = 0;
  #normIn = 0;
  #normOut = 0;
  #ratio = 0;
  #outSquares = 0;
  #dots = 0;
  #active = 0;
  #l1 = 0;

  constructor(dSae: number) {
    this.#activeRows = new Float64Array(dSae);
  }

  /**
   * @param x        [rows, d]
   * @param residual x̂ − x, as the code's SAE gives it.
   * @param counts   By row: whether it is counted.
   */
  add(
    x: Float32Array,
    residual: Float32Array,
    code: EncodedBatch,
    counts: (row: number) => boolean,
  ): void {
    const d = x.length / code.rows;
    for (let b = 0; b < code.rows; b++) {
      if (!counts(b)) continue;
      let [error, input, output, dot] = [0, 0, 0, 0];
      for (let i = b * d; i < (b + 1) * d; i++) {
        const out = x[i]! + residual[i]!;
        error += residual[i]! ** 2;
        input += x[i]! ** 2;
        output += out ** 2;
        dot += x[i]! * out;
      }
      const [normIn, normOut] = [Math.sqrt(input), Math.sqrt(output)];
      this.#rows++;
      this.#squaredError += error;
      this.#normIn += normIn;
      this.#normOut += normOut;
      this.#ratio += normIn === 0 ? 0 : normOut / normIn;
      this.#cosine += normIn * normOut === 0 ? 0 : dot / (normIn * normOut);
      this.#outSquares += output;
      this.#dots += dot;
      for (let e = code.indptr[b]!; e < code.indptr[b + 1]!; e++) {
        const value = code.values[e]!;
        if (value === 0) continue;
        this.#active++;
        this.#l1 += Math.abs(value);
        this.#activeRows[code.indices[e]!]!++;
      }
    }
  }

  /** @param variance Of each dimension over the same rows, [d]. */
  numbers(variance: Float64Array): ReconstructionNumbers {
    const rows = this.#rows;
    const total = variance.reduce((sum, v) => sum + v, 0);
    return {
      rows,
      fvu: this.#squaredError / rows / total,
      mse: this.#squaredError / rows / variance.length,
      cosine: this.#cosine / rows,
      normIn: this.#normIn / rows,
      normOut: this.#normOut / rows,
      normRatio: this.#ratio / rows,
      bias: this.#outSquares / this.#dots,
      l0: this.#active / rows,
      l1: this.#l1 / rows,
      density: Float32Array.from(this.#activeRows, (n) => n / rows),
    };
  }
}
