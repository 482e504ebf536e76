/**
 * @file Binary logistic regression, as scikit-learn has it: the intercept is not penalised.
 *
 *   ½ ‖w‖² + C Σ log(1 + exp(−s (x·w + b))), s = 1 for class 1 and −1 for class 0
 *
 * Minimised by L-BFGS (Nocedal and Wright, "Numerical Optimization", 2nd ed., algorithm 7.4).
 */

/** What tells two classes apart: class 1 where x·w + b > 0. */
export interface LogisticModel {
  /** [d] */
  readonly weights: Float64Array;
  readonly intercept: number;
}

/** Steps whose curvature is remembered. */
const MEMORY = 10;
const MOST_STEPS = 1000;
/** Of the largest gradient element, over the number of rows. */
const TOLERANCE = 1e-9;

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);

/** log(1 + exp(−m)), without overflow. */
const softplus = (m: number) => (m > 0 ? Math.log1p(Math.exp(-m)) : -m + Math.log1p(Math.exp(m)));

/**
 * Fits a model.
 *
 * @param rows   [n, d]
 * @param labels [n], 0 or 1; both occur.
 * @param c      Inverse of the penalty's strength: scikit-learn's C.
 */
export function fitLogistic(
  rows: Float32Array | Float64Array,
  labels: Uint8Array,
  c = 1,
): LogisticModel {
  const n = labels.length;
  const d = rows.length / n;
  /** Weights, then the intercept. */
  let at = new Float64Array(d + 1);
  const gradient = new Float64Array(d + 1);
  /** The value, with its gradient left in `gradient`. */
  const value = (w: Float64Array): number => {
    let total = 0;
    gradient.fill(0);
    for (let j = 0; j < d; j++) {
      total += w[j]! ** 2 / 2;
      gradient[j] = w[j]!;
    }
    for (let i = 0; i < n; i++) {
      let score = w[d]!;
      for (let j = 0, e = i * d; j < d; j++, e++) score += rows[e]! * w[j]!;
      const sign = labels[i] === 1 ? 1 : -1;
      total += c * softplus(sign * score);
      const pull = (-c * sign) / (1 + Math.exp(sign * score));
      for (let j = 0, e = i * d; j < d; j++, e++) gradient[j]! += pull * rows[e]!;
      gradient[d]! += pull;
    }
    return total;
  };
  let now = value(at);
  let slope = gradient.slice();
  const steps: Float64Array[] = [];
  const changes: Float64Array[] = [];
  for (let step = 0; step < MOST_STEPS; step++) {
    if (slope.every((g) => Math.abs(g) <= TOLERANCE * c * n)) break;
    const direction = descent(slope, steps, changes);
    const downhill = dot(slope, direction);
    let rate = steps.length === 0 ? 1 / (1 + Math.sqrt(dot(slope, slope))) : 1;
    let next = at;
    let found = now;
    for (; rate > 1e-12; rate /= 2) {
      next = at.map((v, j) => v + rate * direction[j]!);
      found = value(next);
      if (found <= now + 1e-4 * rate * downhill) break;
    }
    // Nothing lower is left within rounding.
    if (!(found < now)) break;
    steps.push(next.map((v, j) => v - at[j]!));
    changes.push(gradient.map((g, j) => g - slope[j]!));
    if (steps.length > MEMORY) {
      steps.shift();
      changes.shift();
    }
    [at, now, slope] = [next, found, gradient.slice()];
  }
  return { weights: at.slice(0, d), intercept: at[d]! };
}

/** −H g by the two loops over remembered steps. */
function descent(
  slope: Float64Array,
  steps: readonly Float64Array[],
  changes: readonly Float64Array[],
): Float64Array {
  const q = slope.map((g) => -g);
  const factors: number[] = [];
  for (let i = steps.length - 1; i >= 0; i--) {
    const factor = dot(steps[i]!, q) / dot(steps[i]!, changes[i]!);
    factors[i] = factor;
    for (let j = 0; j < q.length; j++) q[j]! -= factor * changes[i]![j]!;
  }
  const [last, change] = [steps.at(-1), changes.at(-1)];
  if (last && change) {
    const scale = dot(last, change) / dot(change, change);
    for (let j = 0; j < q.length; j++) q[j]! *= scale;
  }
  for (let i = 0; i < steps.length; i++) {
    const factor = factors[i]! - dot(changes[i]!, q) / dot(steps[i]!, changes[i]!);
    for (let j = 0; j < q.length; j++) q[j]! += factor * steps[i]![j]!;
  }
  return q;
}

/** x·w + b of each row, [n]: above zero is class 1. */
export function logisticScores(
  { weights, intercept }: LogisticModel,
  rows: Float32Array | Float64Array,
): Float64Array {
  const d = weights.length;
  const scores = new Float64Array(rows.length / d).fill(intercept);
  for (let i = 0; i < scores.length; i++)
    for (let j = 0; j < d; j++) scores[i]! += weights[j]! * rows[i * d + j]!;
  return scores;
}
