/**
 * @file Where k-means starts: k-means++ (Arthur and Vassilvitskii 2007), drawn in batches.
 *
 * k-means++ draws each centre with a chance proportional to D², the squared distance of a row to
 * its nearest centre so far. D² only falls. So candidates are drawn by the D² that their batch
 * begins with, and kept with chance D² now / D² then. That is rejection sampling, which gives the
 * same distribution. Distances to all that a batch keeps are then one matrix product. The batches
 * are ours; scikit-learn draws several candidates per centre and keeps the best.
 */

import type { Backend } from "../../backend/backend.ts";
import { type RandomStream, randomBlock } from "../../base/philox.ts";
import { ConcordError } from "../../errors.ts";
import { lowerDistances, squaredLengths, type WeighedRows } from "./distances.ts";

/** Candidates of a batch, at most; no more than there are centres already. */
const MOST_CANDIDATES = 256;

/** Two uniform numbers in [0, 1) at a position of a stream. */
function uniformPair(stream: RandomStream, index: number): readonly [number, number] {
  const [a, b, c] = randomBlock(stream, index);
  return [((a >>> 5) * 2 ** 26 + (b >>> 6)) / 2 ** 53, c / 2 ** 32];
}

/** The first position whose running sum is above `value`; never one that adds nothing. */
function positionOf(sums: Float64Array, value: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Draws rows to start from, all distinct.
 *
 * @param rows Rows around their mean.
 * @returns Their numbers, [count], in the order in which they were drawn.
 * @throws {ConcordError} "argument/invalid" when fewer than `count` rows differ.
 */
export async function drawCentres(
  backend: Backend,
  rows: WeighedRows,
  count: number,
  stream: RandomStream,
  pause: () => void | Promise<void>,
): Promise<Int32Array> {
  const { x, rows: n, d } = rows;
  const chosen = new Int32Array(count);
  const squares = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  const sums = new Float64Array(n);
  chosen[0] = Math.floor(uniformPair(stream, 0)[0] * n);
  await lowerDistances(backend, rows, x.slice(chosen[0] * d, (chosen[0] + 1) * d), squares);
  let [done, position] = [1, 1];
  while (done < count) {
    let total = 0;
    for (let i = 0; i < n; i++) {
      total += squares[i]!;
      sums[i] = total;
    }
    if (total === 0)
      throw new ConcordError(
        "argument/invalid",
        `k-means: ${count} centroids need as many different rows, but only ${done} of the ${n} rows differ.`,
        { hint: "Lower the number of centroids, or give more rows." },
      );
    const size = Math.min(MOST_CANDIDATES, done);
    const candidates = new Int32Array(size);
    const luck = new Float64Array(size);
    for (let c = 0; c < size; c++) {
      const [where, keep] = uniformPair(stream, position++);
      candidates[c] = positionOf(sums, where * total);
      luck[c] = keep;
    }
    const atoms = backend.float32(size * d);
    await backend.gatherRows({ matrix: x, index: candidates, count: size, columns: d, out: atoms });
    const kept = await keptOf(backend, atoms, d, candidates, luck, squares);
    const first = kept.slice(0, count - done);
    for (const c of first) chosen[done++] = candidates[c]!;
    const centres = backend.float32(first.length * d);
    const index = Int32Array.from(first);
    await backend.gatherRows({
      matrix: atoms,
      index,
      count: index.length,
      columns: d,
      out: centres,
    });
    await lowerDistances(backend, rows, centres, squares);
    await pause();
  }
  return chosen;
}

/** Which candidates are kept, given the D² that they were drawn by. */
async function keptOf(
  backend: Backend,
  atoms: Float32Array,
  d: number,
  candidates: Int32Array,
  luck: Float64Array,
  squares: Float64Array,
): Promise<number[]> {
  const size = candidates.length;
  const now = Float64Array.from(candidates, (row) => squares[row]!);
  const own = { x: atoms, rows: size, d, squares: squaredLengths(atoms, d) };
  const kept: number[] = [];
  for (let c = 0; c < size; c++) {
    if (luck[c]! * squares[candidates[c]!]! >= now[c]!) continue;
    kept.push(c);
    await lowerDistances(backend, own, atoms.slice(c * d, (c + 1) * d), now);
  }
  return kept;
}
