/**
 * @file Whether matched atoms are arranged alike: similarities that a rotation of one dictionary
 *   does not change. Rows are matched pairs of atoms, X [p, d_a] and Y [p, d_b].
 *
 *   cka    ‖X̄ᵀȲ‖² / (‖X̄ᵀX̄‖ ‖ȲᵀȲ‖), X̄ and Ȳ centred     (Kornblith et al. 2019, linear CKA)
 *   svcca  mean canonical correlation of the leading directions   (Raghu et al. 2017)
 *   rsa    Spearman's correlation of the cosines within X with those within Y
 *                                                       (Kriegeskorte et al. 2008)
 *
 * Lan et al. 2024 (arXiv:2410.06981) compare SAEs by SVCCA and RSA of matched latents. The measures
 * reward any common arrangement, so each has two nulls. One shuffles the partners. The other
 * matches random dictionaries of the same shapes in the same way.
 */

import type { Backend } from "../../backend/backend.ts";
import { permutation, randomStream } from "../../base/philox.ts";
import { mean } from "../../base/statistics/mean.ts";
import { spearman } from "../../base/statistics/spearman.ts";
import { leadingDirections } from "../../linalg/leading-directions.ts";
import { singularValues } from "../../linalg/singular-values.ts";
import type { Dictionary } from "../matching/dictionary.ts";
import { type Rows, rowsOf } from "./atom-rows.ts";

/** Share of the variance that the directions of SVCCA hold (Raghu et al. 2017). */
const VARIANCE_KEPT = 0.99;
/** SVCCA keeps at most this many directions; more make every pair of dictionaries correlate. */
const MOST_DIRECTIONS = 64;
/** RSA compares the cosines among at most this many matched pairs, drawn at random. */
const MOST_COMPARED = 512;
/** Fewer matched pairs than this have no arrangement. */
const FEWEST_PAIRS = 3;

/** The three similarities. */
export interface Arrangement {
  readonly cka: number;
  readonly svcca: number;
  readonly rsa: number;
}

/** The similarities of matched atoms, and with the partners shuffled. */
export interface Representation extends Arrangement {
  readonly shuffled: Arrangement;
}

/** Subtracts the mean row. */
function centred({ matrix, count, d }: Rows): Rows {
  const middle = new Float64Array(d);
  for (let i = 0; i < matrix.length; i++) middle[i % d]! += matrix[i]! / count;
  for (let i = 0; i < matrix.length; i++) matrix[i]! -= middle[i % d]!;
  return { matrix, count, d };
}

/** XᵀY, [d_x, d_y]. */
async function cross(backend: Backend, x: Rows, y: Rows): Promise<Float32Array> {
  const c = backend.float32(x.d * y.d);
  const shape = { m: x.d, n: y.d, k: x.count };
  await backend.gemm({ a: x.matrix, b: y.matrix, c, ...shape, transposeA: true });
  return c;
}

function sumOfSquares(values: Float32Array): number {
  let total = 0;
  for (const v of values) total += v * v;
  return total;
}

/** The leading directions' coordinates of centred rows, each of length one, [count, rank]. */
async function whitened(backend: Backend, x: Rows): Promise<Rows> {
  const most = Math.min(MOST_DIRECTIONS, x.d, x.count - 1);
  const { vectors, energies } = await leadingDirections(backend, x, most);
  const total = sumOfSquares(x.matrix);
  let [rank, held] = [0, 0];
  while (rank < most && held < VARIANCE_KEPT * total) held += energies[rank++]!;
  for (let r = 0; r < rank; r++) {
    const scale = energies[r]! > 1e-9 * total ? 1 / Math.sqrt(energies[r]!) : 0;
    for (let c = 0; c < x.d; c++) vectors[r * x.d + c]! *= scale;
  }
  const matrix = backend.float32(x.count * rank);
  const shape = { m: x.count, n: rank, k: x.d };
  await backend.gemm({ a: x.matrix, b: vectors, c: matrix, ...shape, transposeB: true });
  return { matrix, count: x.count, d: rank };
}

/** The cosines of all pairs of rows, [count · (count − 1) / 2]. */
async function cosinesWithin(backend: Backend, x: Rows): Promise<Float32Array> {
  const n = x.count;
  const gram = backend.float32(n * n);
  await backend.gemm({ a: x.matrix, b: x.matrix, c: gram, m: n, n, k: x.d, transposeB: true });
  const out = new Float32Array((n * (n - 1)) / 2);
  let at = 0;
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) out[at++] = gram[i * n + j]!;
  return out;
}

/** The elements of a list at the given places. */
const pick = (list: Int32Array, places: Int32Array) => places.map((i) => list[i]!);

/** The rows in another order. */
async function reordered(backend: Backend, x: Rows, order: Int32Array): Promise<Rows> {
  const { matrix, count, d } = x;
  const out = backend.float32(matrix.length);
  await backend.gatherRows({ matrix, index: order, count, columns: d, out });
  return { matrix: out, count, d };
}

/**
 * How alike matched atoms are arranged.
 *
 * @param partnerOfA For each atom of a its partner in b, or −1.
 * @returns Undefined for fewer than three matched pairs. SVCCA keeps at most 64 directions, and RSA
 *   at most 512 matched pairs.
 */
export async function representationOf(
  backend: Backend,
  a: Dictionary,
  b: Dictionary,
  partnerOfA: Int32Array,
): Promise<Representation | undefined> {
  const ofA = Int32Array.from(partnerOfA.keys()).filter((i) => partnerOfA[i]! >= 0);
  const ofB = pick(partnerOfA, ofA);
  const p = ofA.length;
  if (p < FEWEST_PAIRS) return undefined;
  const order = permutation(randomStream(0, "lab/representation/shuffle"), p);
  const drawn = permutation(randomStream(0, "lab/representation/sample"), p).subarray(
    0,
    Math.min(p, MOST_COMPARED),
  );
  const within = async (dictionary: Dictionary, index: Int32Array) =>
    cosinesWithin(backend, await rowsOf(backend, dictionary, pick(index, drawn)));
  const cosines = await within(a, ofA);
  const rsa = spearman(cosines, await within(b, ofB));
  const rsaShuffled = spearman(cosines, await within(b, pick(ofB, order)));

  const x = centred(await rowsOf(backend, a, ofA));
  const y = centred(await rowsOf(backend, b, ofB));
  const own =
    Math.sqrt(sumOfSquares(await cross(backend, x, x))) *
    Math.sqrt(sumOfSquares(await cross(backend, y, y)));
  const cka = async (rows: Rows) => sumOfSquares(await cross(backend, x, rows)) / own;
  const [u, w] = [await whitened(backend, x), await whitened(backend, y)];
  const svcca = async (rows: Rows) =>
    mean(singularValues(await cross(backend, u, rows), u.d, rows.d));
  return {
    cka: await cka(y),
    svcca: await svcca(w),
    rsa,
    shuffled: {
      cka: await cka(await reordered(backend, y, order)),
      svcca: await svcca(await reordered(backend, w, order)),
      rsa: rsaShuffled,
    },
  };
}
