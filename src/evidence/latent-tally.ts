/**
 * @file How often and how strongly each latent of one SAE is active: counts, sums and the largest.
 *   Its histogram has bins that grow as larger activations come.
 */

/** Bins of a histogram; at least half of them are in use. */
export const BINS = 32;
/** The narrowest bin: float32 halves narrower ones inexactly, down to 0. */
const NARROWEST = 2 ** -120;

/** Sums over rows, by latent, [latents]. */
export class LatentTally {
  /** Rows in which it is active. */
  readonly active: Int32Array;
  readonly sum: Float64Array;
  /** The activation of largest size, with its sign. */
  readonly largest: Float32Array;
  /** Width of a bin; 0 before the first activation. */
  readonly binWidth: Float32Array;
  /** Activations by size, from 0 on, [latents, BINS]. */
  readonly histogram: Int32Array;

  constructor(latents: number) {
    this.active = new Int32Array(latents);
    this.sum = new Float64Array(latents);
    this.largest = new Float32Array(latents);
    this.binWidth = new Float32Array(latents);
    this.histogram = new Int32Array(latents * BINS);
  }

  /** Adds an activation, which is finite and not 0. */
  add(latent: number, value: number): void {
    const size = Math.abs(value);
    this.active[latent]!++;
    this.sum[latent]! += value;
    if (size > Math.abs(this.largest[latent]!)) this.largest[latent] = value;
    if (this.binWidth[latent] === 0) this.binWidth[latent] = Math.max(NARROWEST, size / (BINS / 2));
    while (size >= BINS * this.binWidth[latent]!) this.#widen(latent);
    const bin = Math.floor(size / this.binWidth[latent]!);
    this.histogram[latent * BINS + bin]!++;
  }

  /** Doubles the width of the bins: two become one. */
  #widen(latent: number): void {
    const first = latent * BINS;
    for (let i = 0; i < BINS / 2; i++)
      this.histogram[first + i] =
        this.histogram[first + 2 * i]! + this.histogram[first + 2 * i + 1]!;
    this.histogram.fill(0, first + BINS / 2, first + BINS);
    this.binWidth[latent]! *= 2;
  }
}
