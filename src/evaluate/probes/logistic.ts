/**
 * @file L2-regularised logistic regression, many tasks on the same features at once. Each task has
 *   its own L-BFGS; products of features and weights are one matrix product for all tasks.
 *
 *   F(w, b) = mean log(1 + exp(−y (⟨w, x⟩ + b))) + ‖w‖² / (2 C n),  y = ±1
 *
 * That is scikit-learn's LogisticRegression divided by C n. Own code, because packages of npm do
 * one task at a time in plain JavaScript.
 *
 * @see Liu and Nocedal 1989, doi:10.1007/BF01589116.
 */

import type { Backend } from "../../backend/backend.ts";
import { Direction } from "./direction.ts";
import type { FeatureMatrix } from "./features.ts";

/** Settings of the fit. */
export interface LogisticOptions {
  /** Inverse strength of the penalty. Default 1, as scikit-learn's. */
  readonly C?: number;
  /** Ends a task once no number of its gradient is larger. Default 1e-4. */
  readonly tolerance?: number;
  /** Steps of a task, at most. Default 200. */
  readonly maxIterations?: number;
  /** Called and awaited before each step; what it throws ends the fit. */
  readonly pause?: () => void | Promise<void>;
}

/** What is to be predicted. */
export interface Targets {
  readonly tasks: number;
  /** 1 or 0, [rows, tasks]. */
  readonly labels: Uint8Array;
  /** Features that a task may use, [tasks, columns] of 1 and 0. Default: all of them. */
  readonly mask?: Uint8Array | undefined;
}

/** A fitted model of each task. */
export interface LogisticModels {
  /** [tasks, columns], of standardised features. */
  readonly weights: Float32Array;
  /** [tasks] */
  readonly intercepts: Float32Array;
  /** Tasks that had not converged after the last step. */
  readonly unconverged: number;
}

/** Halvings of a step, at most. */
const MOST_HALVINGS = 30;
/** Share of the expected decrease that a step must bring (Armijo). */
const SUFFICIENT = 1e-4;

/** Factors from 1 to 2 that are multiplied before a logarithm is taken: their product is finite. */
const FACTORS = 512;

/** A task that is still being fitted. */
interface Running {
  readonly task: number;
  /** Weights, then the intercept, [columns + 1]. */
  point: Float64Array;
  gradient: Float64Array;
  value: number;
  readonly direction: Direction;
  /** Where the search is now. */
  trial: Float64Array;
  step: number;
  along: Float64Array;
  slope: number;
  halvings: number;
}

/**
 * Fits every task. All start from zero.
 *
 * @param x Standardised features of the rows to fit to.
 */
export async function fitLogistic(
  backend: Backend,
  x: FeatureMatrix,
  targets: Targets,
  options: LogisticOptions = {},
): Promise<LogisticModels> {
  const { C = 1, tolerance = 1e-4, maxIterations = 200, pause } = options;
  const { columns } = x;
  const weights = new Float32Array(targets.tasks * columns);
  const intercepts = new Float32Array(targets.tasks);
  const evaluate = evaluator(backend, x, targets, 1 / (C * x.rows));
  const starts = Array.from({ length: targets.tasks }, () => new Float64Array(columns + 1));
  const first = await evaluate(starts, [...starts.keys()]);
  let running = starts.map((point, task): Running => {
    const { value, gradient } = first[task]!;
    const one = { task, point, value, gradient, direction: new Direction(), trial: point };
    return begun({ ...one, step: 1, along: gradient, slope: 0, halvings: 0 });
  });
  const finish = ({ task, point }: Running) => {
    weights.set(point.subarray(0, columns), task * columns);
    intercepts[task] = point[columns]!;
  };
  for (let iteration = 0; iteration < maxIterations && running.length > 0; iteration++) {
    await pause?.();
    const found = await evaluate(
      running.map(({ trial }) => trial),
      running.map(({ task }) => task),
    );
    const left: Running[] = [];
    for (const [i, one] of running.entries()) {
      const { value, gradient } = found[i]!;
      if (value <= one.value + SUFFICIENT * one.step * one.slope) {
        one.direction.learn(one.point, one.trial, one.gradient, gradient);
        Object.assign(one, { point: one.trial, gradient, value });
        if (largest(gradient) > tolerance) left.push(begun(one));
        else finish(one);
      } else if (++one.halvings < MOST_HALVINGS) {
        one.step /= 2;
        one.trial = moved(one);
        left.push(one);
      } else finish(one);
    }
    running = left;
  }
  for (const one of running) finish(one);
  return { weights, intercepts, unconverged: running.length };
}

/** Begins a search along a new direction. */
function begun(one: Running): Running {
  one.along = one.direction.of(one.gradient);
  one.slope = one.along.reduce((sum, v, i) => sum + v * one.gradient[i]!, 0);
  one.step = one.direction.isNew ? Math.min(1, 1 / Math.sqrt(-one.slope || 1)) : 1;
  one.halvings = 0;
  one.trial = moved(one);
  return one;
}

const moved = ({ point, along, step }: Running) => point.map((v, i) => v + step * along[i]!);

const largest = (values: Float64Array) => values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);

/** What gives F and its gradient at a point for each of some tasks. */
function evaluator(backend: Backend, x: FeatureMatrix, targets: Targets, penalty: number) {
  const { rows, columns, values } = x;
  const { tasks, labels, mask } = targets;
  // By task, because a task looks at all its rows at a time.
  const answers = new Uint8Array(labels.length);
  for (let i = 0, at = 0; i < rows; i++)
    for (let t = 0; t < tasks; t++) answers[t * rows + i] = labels[at++]!;
  const room = backend.float32(tasks * columns);
  const scores = backend.float32(rows * tasks);
  const products = backend.float32(tasks * columns);
  return async (points: readonly Float64Array[], of: readonly number[]) => {
    const n = points.length;
    const w = room.subarray(0, n * columns);
    const s = scores.subarray(0, n * rows);
    const p = products.subarray(0, n * columns);
    for (const [t, point] of points.entries()) w.set(point.subarray(0, columns), t * columns);
    const shape = { m: n, n: rows, k: columns };
    await backend.gemm({ a: w, b: values, c: s, transposeB: true, ...shape });
    const sums = points.map((point, t) => {
      const own = s.subarray(t * rows, (t + 1) * rows);
      const yes = answers.subarray(of[t]! * rows, (of[t]! + 1) * rows);
      const bias = point[columns]!;
      // log(1 + e^x) = max(x, 0) + log(1 + e^−|x|), and one logarithm is enough for many rows.
      let [loss, intercept, product] = [0, 0, 1];
      for (let i = 0; i < rows; i++) {
        const score = own[i]! + bias;
        const y = yes[i]!;
        const small = Math.exp(-Math.abs(score));
        loss += Math.max(score, 0) - y * score;
        product *= 1 + small;
        if (i % FACTORS === FACTORS - 1) {
          loss += Math.log(product);
          product = 1;
        }
        const error = (score > 0 ? 1 : small) / (1 + small) - y;
        intercept += error;
        own[i] = error / rows;
      }
      return { loss: (loss + Math.log(product)) / rows, intercept: intercept / rows };
    });
    await backend.gemm({ a: s, b: values, c: p, m: n, n: columns, k: rows });
    return points.map((point, t) => {
      const gradient = new Float64Array(columns + 1);
      let squares = 0;
      for (let j = 0; j < columns; j++) {
        if (mask && mask[of[t]! * columns + j] === 0) continue;
        squares += point[j]! ** 2;
        gradient[j] = p[t * columns + j]! + penalty * point[j]!;
      }
      gradient[columns] = sums[t]!.intercept;
      return { value: sums[t]!.loss + (penalty * squares) / 2, gradient };
    });
  };
}

/** Scores of rows: above zero means yes, [rows, tasks]. */
export async function logisticScores(
  backend: Backend,
  { rows, columns, values }: FeatureMatrix,
  { weights, intercepts }: LogisticModels,
): Promise<Float32Array> {
  const tasks = intercepts.length;
  const scores = backend.float32(rows * tasks);
  const shape = { m: rows, n: tasks, k: columns };
  await backend.gemm({ a: values, b: weights, c: scores, transposeB: true, ...shape });
  for (let at = 0; at < scores.length; at++) scores[at]! += intercepts[at % tasks]!;
  return scores;
}
