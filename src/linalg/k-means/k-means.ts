/**
 * @file k-means: centres that many rows lie near. Own code, because the kept packages of npm do it
 *   in plain JavaScript: 32,768 rows of 768 numbers and 2,048 centres are 100 billion products a
 *   pass. Here the encoder's kernel finds the nearest centre: argmax_c ⟨x, c⟩ − ‖c‖²/2 is a top-1
 *   with a bias.
 *
 * @see Lloyd 1982; steps, empty clusters and the stopping rule as in scikit-learn's KMeans (1.9).
 */

import type { Backend } from "../../backend/backend.ts";
import { randomStream } from "../../base/philox.ts";
import { ConcordError, expected } from "../../errors.ts";
import { squaredLengths } from "./distances.ts";
import { drawCentres } from "./seeding.ts";

/** What is clustered, and how long. */
export interface KMeansOptions {
  /** [rows, d], all finite; unchanged. */
  readonly x: Float32Array;
  readonly d: number;
  /** Number of centres. */
  readonly count: number;
  /** Decides the start; the result does not depend on the number of threads. */
  readonly seed: number;
  /** Centres to start from, [count, d]. Default: rows drawn by k-means++. */
  readonly start?: Float32Array;
  /** Default 100. */
  readonly maxIterations?: number;
  /**
   * Ends once the squared movement of all centres is at most this share of the mean variance of a
   * column. Default 1e-4.
   */
  readonly tolerance?: number;
  /** Called and awaited between passes; what it throws ends the search. */
  readonly pause?: () => void | Promise<void>;
}

/** Where k-means ended. */
export interface KMeans {
  /** [count, d] */
  readonly centres: Float32Array;
  /** Nearest centre of each row. */
  readonly nearest: Int32Array;
  /** Σ ‖x − nearest centre‖², in float64. */
  readonly inertia: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Rows that the kernel assigns at a time. */
const BLOCK = 4096;

/**
 * Finds centres by Lloyd's iteration from a k-means++ start. A centre that no row is nearest to
 * moves to the row that is farthest from its own.
 *
 * @throws {ConcordError} "argument/invalid" for fewer rows, or fewer different rows, than centres;
 *   "numeric/not-finite".
 */
export async function kMeans(backend: Backend, options: KMeansOptions): Promise<KMeans> {
  const { d, count, seed, maxIterations = 100, tolerance = 1e-4, pause = () => {} } = options;
  const rows = options.x.length / d;
  if (!Number.isInteger(count) || count < 1) throw expected("count", "a positive integer", count);
  if (rows < count)
    throw new ConcordError(
      "argument/invalid",
      `k-means: ${count} centroids need as many rows, but there are ${rows}.`,
      { hint: "Lower the number of centroids, or give more rows." },
    );
  const { x, mean, spread } = centred(backend, options.x, d);
  const squares = squaredLengths(x, d);
  const centres = backend.float32(count * d);
  if (options.start) centres.set(options.start.map((v, i) => v - mean[i % d]!));
  else {
    const stream = randomStream(seed, "k-means/start");
    const index = await drawCentres(backend, { x, rows, d, squares }, count, stream, pause);
    await backend.gatherRows({ matrix: x, index, count, columns: d, out: centres });
  }
  const assign = assigner(backend, x, d, count);
  let before: Int32Array | undefined;
  let [iterations, converged] = [0, false];
  while (iterations < maxIterations && !converged) {
    await pause();
    const nearest = await assign(centres);
    const moved = moveCentres(x, d, nearest, centres);
    iterations++;
    const isSame = before?.every((c, i) => c === nearest[i]) === true;
    converged = isSame || moved <= tolerance * spread;
    before = nearest;
  }
  const nearest = await assign(centres);
  let inertia = 0;
  for (let i = 0; i < rows; i++) inertia += distance(x, i, centres, nearest[i]!, d);
  for (let at = 0; at < centres.length; at++) centres[at]! += mean[at % d]!;
  return { centres, nearest, inertia, iterations, converged };
}

/** Rows less their mean, which keeps products small, and the mean variance of a column. */
function centred(backend: Backend, rows: Float32Array, d: number) {
  const mean = new Float64Array(d);
  const n = rows.length / d;
  for (let at = 0; at < rows.length; at++) mean[at % d]! += rows[at]! / n;
  const x = backend.float32(rows.length);
  let spread = 0;
  for (let at = 0; at < rows.length; at++) {
    x[at] = rows[at]! - mean[at % d]!;
    spread += x[at]! * x[at]!;
  }
  return { x, mean, spread: spread / rows.length };
}

/** What finds the nearest centre of each row, [rows]; of equal ones the first. */
function assigner(backend: Backend, x: Float32Array, d: number, count: number) {
  const rows = x.length / d;
  const shape = { dIn: d, dSae: count, k: 1 };
  const packed = backend.bytes(backend.encoderPacking(shape).bytes);
  const bias = backend.float32(count);
  const values = backend.float32(Math.min(BLOCK, rows));
  return async (W: Float32Array): Promise<Int32Array> => {
    for (const [c, square] of squaredLengths(W, d).entries()) bias[c] = -square / 2;
    await backend.packEncoder({ W, packed, ...shape });
    const nearest = backend.int32(rows);
    for (let start = 0; start < rows; start += BLOCK) {
      const batch = Math.min(BLOCK, rows - start);
      const block = {
        x: x.subarray(start * d, (start + batch) * d),
        batch,
        indices: nearest.subarray(start, start + batch),
        values: values.subarray(0, batch),
      };
      const margin = Math.min(count - 1, 32);
      await backend.encodeTopK({ W, bias, packed, margin, relu: false, ...shape, ...block });
    }
    return nearest;
  };
}

/** ‖row i of x − row c of centres‖², in float64. */
function distance(x: Float32Array, i: number, centres: Float32Array, c: number, d: number): number {
  let sum = 0;
  for (let j = 0; j < d; j++) sum += (x[i * d + j]! - centres[c * d + j]!) ** 2;
  return sum;
}

/**
 * Moves each centre to the mean of its rows. Of clusters without any, each takes the row that is
 * farthest from its centre.
 *
 * @returns The sum of squared movements.
 */
function moveCentres(
  x: Float32Array,
  d: number,
  nearest: Int32Array,
  centres: Float32Array,
): number {
  const count = centres.length / d;
  const sums = new Float64Array(centres.length);
  const sizes = new Int32Array(count);
  const add = (i: number, c: number, sign: 1 | -1) => {
    sizes[c]! += sign;
    for (let j = 0; j < d; j++) sums[c * d + j]! += sign * x[i * d + j]!;
  };
  for (let i = 0; i < nearest.length; i++) add(i, nearest[i]!, 1);
  const empty = Array.from(sizes.keys()).filter((c) => sizes[c] === 0);
  if (empty.length > 0) {
    const far = Float64Array.from(nearest, (c, i) => distance(x, i, centres, c, d));
    const order = Array.from(far.keys()).sort((a, b) => far[b]! - far[a]! || a - b);
    for (const [e, c] of empty.entries()) {
      const i = order[e]!;
      add(i, nearest[i]!, -1);
      add(i, c, 1);
    }
  }
  let moved = 0;
  for (let c = 0; c < count; c++)
    for (let at = c * d; sizes[c]! > 0 && at < (c + 1) * d; at++) {
      const next = Math.fround(sums[at]! / sizes[c]!);
      moved += (next - centres[at]!) ** 2;
      centres[at] = next;
    }
  return moved;
}

/** Bytes that `kMeans` takes beside its rows. */
export function kMeansBytes(
  backend: Backend,
  { rows, d, count }: { readonly rows: number; readonly d: number; readonly count: number },
): number {
  const packed = backend.encoderPacking({ dIn: d, dSae: count, k: 1 }).bytes;
  // Centred rows; per row two squares, a running sum and two assignments; sums of the centres.
  return 4 * rows * d + 36 * rows + packed + 12 * count * d + 4 * BLOCK * Math.min(count, 256);
}
