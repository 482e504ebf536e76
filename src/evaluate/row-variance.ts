/** @file How much rows vary about their mean, batch by batch. */

/**
 * Σ‖x − mean‖² = Σ‖x‖² − ‖Σx‖² / rows around a provisional mean (the first row), in float64, so
 * that a large mean costs no precision.
 */
export class RowVariance {
  readonly #origin: Float64Array;
  readonly #columnSum: Float64Array;
  #squares = 0;
  #rows = 0;

  constructor(dIn: number) {
    this.#origin = new Float64Array(dIn);
    this.#columnSum = new Float64Array(dIn);
  }

  /** Adds rows [rows, d_in], in which every number is finite. */
  add(x: Float32Array): void {
    const origin = this.#origin;
    const sum = this.#columnSum;
    const dIn = origin.length;
    if (this.#rows === 0) origin.set(x.subarray(0, dIn));
    let squares = 0;
    for (let at = 0; at < x.length; at += dIn)
      for (let j = 0; j < dIn; j++) {
        const centred = x[at + j]! - origin[j]!;
        sum[j]! += centred;
        squares += centred * centred;
      }
    this.#squares += squares;
    this.#rows += x.length / dIn;
  }

  /** Σ‖x − mean‖² over rows; rounding does not make it negative. */
  get variance(): number {
    const between = this.#columnSum.reduce((total, s) => total + s * s, 0) / this.#rows;
    return Math.max(0, this.#squares - between);
  }

  /** ‖mean‖². */
  get meanSquare(): number {
    return this.#columnSum.reduce(
      (total, s, j) => total + (this.#origin[j]! + s / this.#rows) ** 2,
      0,
    );
  }
}
