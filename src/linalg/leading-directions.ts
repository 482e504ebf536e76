/**
 * @file The directions that hold most of some rows: the leading eigenvectors of their second
 *   moments, by subspace iteration. For the few directions that a comparison needs, this is much
 *   cheaper than all eigenvectors.
 */

import type { Backend } from "../backend/backend.ts";
import { randomStream } from "../base/philox.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

/** Up to this width all eigenvectors are computed, to machine precision. */
const COMPLETE_WIDTH = 128;
/** Directions that are iterated beyond those that are wanted; they make the others converge. */
const OVERSAMPLED = 16;
const ITERATIONS = 30;
/** Rows that are summed at a time. */
const BLOCK_ROWS = 4096;
/** Directions with less than this share of the largest energy are rounding errors. */
const LEAST_SHARE = 1e-6;

/** Orthonormal directions, by how much of the rows they hold. */
export interface LeadingDirections {
  /** [rank, d], orthonormal rows; rows of zeros beyond `held`. */
  readonly vectors: Float32Array;
  /** Σ over rows of the squared length along each direction, [rank], descending. */
  readonly energies: Float64Array;
  readonly rank: number;
  /** Directions that hold anything of the rows; less than `rank` where there are few rows. */
  readonly held: number;
  readonly d: number;
}

/** Makes directions without energy zero. */
function directionsOf(
  vectors: Float32Array,
  energies: Float64Array,
  rank: number,
  d: number,
): LeadingDirections {
  const least = LEAST_SHARE * energies[0]!;
  const none = energies.findIndex((energy) => !(energy > least));
  const held = none < 0 ? rank : none;
  vectors.fill(0, held * d);
  energies.fill(0, held);
  return { vectors, energies, rank, held, d };
}

/**
 * Makes rows orthonormal by modified Gram–Schmidt. A row that depends on those before becomes zero.
 *
 * @param passes Two make rows orthonormal to rounding; one is enough between iterations.
 */
function orthonormalise(rows: Float32Array, count: number, d: number, passes: 1 | 2): void {
  for (let i = 0; i < count; i++) {
    const row = rows.subarray(i * d, (i + 1) * d);
    const before = length(row);
    for (let pass = 0; pass < passes; pass++)
      for (let j = 0; j < i; j++) {
        const other = rows.subarray(j * d, (j + 1) * d);
        let dot = 0;
        for (let c = 0; c < d; c++) dot += row[c]! * other[c]!;
        for (let c = 0; c < d; c++) row[c]! -= dot * other[c]!;
      }
    const left = length(row);
    const scale = left > 1e-6 * before ? 1 / left : 0;
    for (let c = 0; c < d; c++) row[c]! *= scale;
  }
}

function length(row: Float32Array): number {
  let squares = 0;
  for (const x of row) squares += x * x;
  return Math.sqrt(squares);
}

/** A matrix [count, d]. */
interface Matrix {
  readonly matrix: Float32Array;
  readonly count: number;
  readonly d: number;
}

/** Normal random numbers, the same at every call. */
async function normals(backend: Backend, name: string, length: number): Promise<Float32Array> {
  const out = backend.float32(length);
  const [k0, k1] = randomStream(0, `linalg/leading-directions/${name}`).key;
  await backend.fillRandom({ k0, k1, start: 0, out, normal: true });
  return out;
}

/** An order of the rows that their values decide: by their coordinate along a random direction. */
async function orderOf(backend: Backend, { matrix, count, d }: Matrix): Promise<Int32Array> {
  const along = backend.float32(count);
  const direction = await normals(backend, "order", d);
  await backend.gemm({ a: matrix, b: direction, c: along, m: count, n: 1, k: d });
  return Int32Array.from(along.keys()).sort((i, j) => along[i]! - along[j]!);
}

/**
 * Random sums of the rows, [p, d]. The rows alone decide them, in whatever order they come: where
 * all directions have the same energy, iteration stays where it began. A start that all rows share
 * would make subspaces of unrelated rows coincide.
 */
async function startOf(backend: Backend, rows: Matrix, p: number): Promise<Float32Array> {
  const { matrix, count, d } = rows;
  const sums = backend.float32(p * d);
  if (count === 0) return sums;
  const order = await orderOf(backend, rows);
  const most = Math.min(count, BLOCK_ROWS);
  const block = backend.float32(most * d);
  for (let at = 0; at < count; at += most) {
    const index = order.slice(at, at + most);
    const k = index.length;
    const some = block.subarray(0, k * d);
    await backend.gatherRows({ matrix, index, count: k, columns: d, out: some });
    const factors = await normals(backend, `start/${at}`, p * k);
    await backend.gemm({ a: factors, b: some, c: sums, m: p, n: d, k, beta: 1 });
  }
  return sums;
}

/** The leading eigenvectors of the rows' moment matrix [d, d]. */
async function iterate(
  backend: Backend,
  rows: Matrix,
  moments: Float32Array,
  rank: number,
): Promise<LeadingDirections> {
  const { d } = rows;
  const p = Math.min(d, rank + OVERSAMPLED);
  let basis = await startOf(backend, rows, p);
  let next = backend.float32(p * d);
  orthonormalise(basis, p, d, 1);
  for (let i = 0; i < ITERATIONS; i++) {
    await backend.gemm({ a: basis, b: moments, c: next, m: p, n: d, k: d });
    orthonormalise(next, p, d, i < ITERATIONS - 1 ? 1 : 2);
    [basis, next] = [next, basis];
  }
  // Rayleigh–Ritz: the eigenvectors within the subspace.
  await backend.gemm({ a: basis, b: moments, c: next, m: p, n: d, k: d });
  const small = backend.float32(p * p);
  await backend.gemm({ a: next, b: basis, c: small, m: p, n: p, k: d, transposeB: true });
  const symmetric = new Float64Array(p * p);
  for (let i = 0; i < p; i++)
    for (let j = 0; j < p; j++) symmetric[i * p + j] = (small[i * p + j]! + small[j * p + i]!) / 2;
  const { values, vectors } = symmetricEigen(symmetric, p);
  const turned = backend.float32(rank * d);
  const turn = Float32Array.from(vectors.subarray(0, rank * p));
  await backend.gemm({ a: turn, b: basis, c: turned, m: rank, n: d, k: p });
  return directionsOf(turned, values.slice(0, rank), rank, d);
}

/**
 * The `rank` leading eigenvectors of Rᵀ R for rows R [count, d], which need not be centred.
 *
 * Up to d = 128 they are exact. Beyond, 30 subspace iterations with 16 further directions find
 * them; directions of nearly equal energy may then be mixed. The same rows give the same bytes.
 * Iteration starts from random sums of the rows, so unrelated rows start independently.
 *
 * @param rank From 1 to d.
 * @see Halko, Martinsson and Tropp 2011, "Finding structure with randomness", §4.5.
 */
export async function leadingDirections(
  backend: Backend,
  rows: Matrix,
  rank: number,
): Promise<LeadingDirections> {
  const { matrix, count, d } = rows;
  const moments = backend.float32(d * d);
  const product = { a: matrix, b: matrix, c: moments, transposeA: true };
  await backend.gemm({ m: d, n: d, k: count, ...product });
  if (d > COMPLETE_WIDTH) return iterate(backend, rows, moments, rank);
  const { values, vectors } = symmetricEigen(Float64Array.from(moments), d);
  const leading = Float32Array.from(vectors.subarray(0, rank * d));
  return directionsOf(leading, values.slice(0, rank), rank, d);
}
