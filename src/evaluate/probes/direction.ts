/** @file The direction of L-BFGS: −H g, with H from the last steps (two-loop recursion). */

/** Steps that are remembered, as SciPy's L-BFGS-B does by default. */
const MEMORY = 10;

interface Step {
  /** How far the point moved. */
  readonly s: Float64Array;
  /** How the gradient changed. */
  readonly y: Float64Array;
  /** 1 / ⟨s, y⟩ */
  readonly rho: number;
}

const dot = (a: Float64Array, b: Float64Array) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

const difference = (a: Float64Array, b: Float64Array) => a.map((v, i) => v - b[i]!);

/** Adds factor · b to a. */
function addScaled(a: Float64Array, factor: number, b: Float64Array): void {
  for (let i = 0; i < a.length; i++) a[i]! += factor * b[i]!;
}

/** What is known of the curvature of one function. */
export class Direction {
  readonly #steps: Step[] = [];

  /** Whether no step was learnt from yet. */
  get isNew(): boolean {
    return this.#steps.length === 0;
  }

  /** Learns from a step. One along which the gradient does not grow is left out. */
  learn(from: Float64Array, to: Float64Array, before: Float64Array, after: Float64Array): void {
    const [s, y] = [difference(to, from), difference(after, before)];
    const curvature = dot(s, y);
    if (!(curvature > 1e-12 * dot(y, y))) return;
    this.#steps.push({ s, y, rho: 1 / curvature });
    if (this.#steps.length > MEMORY) this.#steps.shift();
  }

  /** −H g. */
  of(gradient: Float64Array): Float64Array {
    const q = gradient.map((v) => -v);
    const alphas: number[] = [];
    for (const { s, y, rho } of this.#steps.toReversed()) {
      const alpha = rho * dot(s, q);
      alphas.unshift(alpha);
      addScaled(q, -alpha, y);
    }
    const last = this.#steps.at(-1);
    const scale = last ? 1 / (last.rho * dot(last.y, last.y)) : 1;
    for (let i = 0; i < q.length; i++) q[i]! *= scale;
    for (const [i, { s, y, rho }] of this.#steps.entries())
      addScaled(q, alphas[i]! - rho * dot(y, q), s);
    return q;
  }
}
