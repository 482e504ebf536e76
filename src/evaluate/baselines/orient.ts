/** @file Components turned so that their strongest activations are positive. */

import type { Components, FitContext } from "./baseline.ts";

/** Largest activations by magnitude that decide a component's sign. */
const DECIDING = 20;

/** Of each component the activations that are largest by magnitude, those first. */
class Largest {
  readonly #values: Float32Array;
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
    this.#values = new Float32Array(count * DECIDING);
  }

  /** @param scores [rows, count] */
  add(scores: Float32Array): void {
    const count = this.#count;
    for (let at = 0; at < scores.length; at++) {
      const value = scores[at]!;
      const own = (at % count) * DECIDING;
      let place = own + DECIDING;
      // Equal magnitudes keep their order, so that the first rows decide.
      while (place > own && Math.abs(this.#values[place - 1]!) < Math.abs(value)) place--;
      if (place === own + DECIDING) continue;
      this.#values.copyWithin(place + 1, place, own + DECIDING - 1);
      this.#values[place] = value;
    }
  }

  /** Whether the largest activations of component i sum to less than zero. */
  isNegative(i: number): boolean {
    const own = this.#values.subarray(i * DECIDING, (i + 1) * DECIDING);
    return own.reduce((sum, v) => sum + v, 0) < 0;
  }
}

/**
 * Each component with the sign of the sum of its 20 largest activations by magnitude on the fitting
 * rows. A component that sums to zero stays as it is.
 *
 * @see liusida/Cunningham_2023_sparse_coding (2026), which orients ICA and PCA in this way.
 */
export async function orient(
  { backend, rows }: Pick<FitContext, "backend" | "rows">,
  components: Components,
): Promise<Components> {
  const { count: n, encoder, atoms, bias, centre } = components;
  const { dIn } = rows;
  const largest = new Largest(n);
  let scores = backend.float32(0);
  await rows.pass(async (x, m) => {
    await backend.center({ x, offset: centre, batch: m, dIn, out: x });
    if (scores.length < m * n) scores = backend.float32(m * n);
    const c = scores.subarray(0, m * n);
    await backend.gemm({ a: x, b: encoder, c, m, n, k: dIn, transposeB: true });
    if (bias) for (let at = 0; at < c.length; at++) c[at]! += bias[at % n]!;
    largest.add(c);
  });
  const signs = Float32Array.from({ length: n }, (_, i) => (largest.isNegative(i) ? -1 : 1));
  const turned = (values: Float32Array, d: number) =>
    values.map((v, at) => v * signs[Math.floor(at / d)]!);
  return {
    ...components,
    encoder: turned(encoder, dIn),
    atoms: turned(atoms, dIn),
    ...(bias && { bias: turned(bias, 1) }),
  };
}
