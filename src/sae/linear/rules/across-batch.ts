/**
 * @file The k · batch largest positive scores of a batch, however they are spread over its rows.
 *
 * Every row's best scores are found exactly, four times k of them, by the screen of top-k; the
 * largest k · batch of these are kept. A row all of whose candidates are kept may have more: its
 * scores are then formed in full. The result is that of sorting all scores of the batch; of equal
 * scores the first by row and latent are kept.
 */

import type { Member } from "../member.ts";
import { encoderWeights } from "../parameters.ts";
import { nextMargin } from "../screen-margin.ts";
import { roomOf, type Workspace } from "../workspace.ts";

/** Candidates per row as a multiple of k. */
const CANDIDATES_PER_K = 4;

/** Rows whose scores are formed in full at a time. */
const FULL_ROWS = 64;

/** Candidates of each row for batch-wide k. */
export function candidatesPerRow(k: number, dSae: number): number {
  return Math.min(dSae, CANDIDATES_PER_K * k);
}

/** Room for the candidates of a batch. */
export function candidateRoom(w: Workspace, width: number) {
  return roomOf(w, "candidates", ({ backend, batch }) => ({
    indices: backend.int32(batch * width),
    values: backend.float32(batch * width),
  }));
}

/** The k-th largest of some positive numbers; zeros and negative numbers do not count. */
interface Cut {
  /** 0 when there are no more than k. */
  readonly value: number;
  /** How many numbers equal to `value` are among the k largest. */
  readonly ties: number;
}

/**
 * Finds the k-th largest positive number of some arrays by two counts of their bits: positive
 * floats are ordered as their bits are.
 */
export function cutOf(arrays: readonly Float32Array[], k: number): Cut {
  const bits = arrays.map((a) => new Int32Array(a.buffer, a.byteOffset, a.length));
  const high = new Int32Array(2 ** 15);
  let positive = 0;
  for (const array of bits)
    for (let i = 0; i < array.length; i++) {
      const b = array[i]!;
      if (b <= 0) continue;
      high[b >>> 16]!++;
      positive++;
    }
  if (positive <= k) return { value: 0, ties: 0 };
  let above = 0;
  let top = high.length - 1;
  while (above + high[top]! < k) above += high[top--]!;
  const low = new Int32Array(2 ** 16);
  for (const array of bits)
    for (let i = 0; i < array.length; i++)
      if (array[i]! >>> 16 === top && array[i]! > 0) low[array[i]! & 0xffff]!++;
  let bottom = low.length - 1;
  while (above + low[bottom]! < k) above += low[bottom--]!;
  const value = new Float32Array(Int32Array.of((top << 16) | bottom).buffer)[0]!;
  return { value, ties: k - above };
}

/** All scores of a row that may be among the largest of the batch. */
interface FullRow {
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/** Scores of some rows against every latent, those of at least `floor` and above zero. */
async function fullRows(
  { parameters: p }: Member,
  w: Workspace,
  centred: Float32Array,
  rows: readonly number[],
  floor: number,
): Promise<Map<number, FullRow>> {
  const { backend, dIn, dSae } = w;
  const found = new Map<number, FullRow>();
  if (rows.length === 0) return found;
  const { x, scores } = roomOf(w, "full rows", () => ({
    x: backend.float32(FULL_ROWS * dIn),
    scores: backend.float32(FULL_ROWS * dSae),
  }));
  for (let start = 0; start < rows.length; start += FULL_ROWS) {
    const some = rows.slice(start, start + FULL_ROWS);
    for (const [i, row] of some.entries())
      x.set(centred.subarray(row * dIn, (row + 1) * dIn), i * dIn);
    const shape = { m: some.length, n: dSae, k: dIn, transposeB: true };
    await backend.gemm({ a: x, b: encoderWeights(p), c: scores, ...shape });
    for (const [i, row] of some.entries()) {
      const own = scores.subarray(i * dSae, (i + 1) * dSae);
      const bias = p.bias.parameter;
      const kept: number[] = [];
      for (let f = 0; f < dSae; f++) {
        own[f]! += bias[f]!;
        if (own[f]! > 0 && own[f]! >= floor) kept.push(f);
      }
      found.set(row, {
        indices: Int32Array.from(kept),
        values: Float32Array.from(kept, (f) => own[f]!),
      });
    }
  }
  return found;
}

/**
 * Writes the code of a batch into the workspace.
 *
 * @returns The rows whose scores were formed again, and the smallest value kept (undefined: none
 *   was).
 */
export async function encodeAcrossBatch(
  member: Member,
  w: Workspace,
  centred: Float32Array,
  k: number,
): Promise<{ readonly redoneRows: number; readonly smallest: number | undefined }> {
  const { backend, batch, dIn, dSae, code } = w;
  const { parameters: p, packed } = member;
  const width = candidatesPerRow(k, dSae);
  const { indices, values } = candidateRoom(w, width);
  const margin = member.screenMargin;
  const redone = await backend.encodeTopK({
    x: centred,
    batch,
    dIn,
    dSae,
    k: width,
    relu: true,
    margin,
    W: encoderWeights(p),
    bias: p.bias.parameter,
    packed,
    indices,
    values,
  });
  member.screenMargin = nextMargin(margin, width, redone / batch);
  const first = cutOf([values], k * batch);
  const saturated: number[] = [];
  for (let b = 0; width < dSae && b < batch; b++) {
    let least = Number.POSITIVE_INFINITY;
    for (let i = b * width; i < (b + 1) * width; i++) least = Math.min(least, values[i]!);
    if (least > 0 && least >= first.value) saturated.push(b);
  }
  const full = await fullRows(member, w, centred, saturated, first.value);
  for (const b of saturated) values.fill(0, b * width, (b + 1) * width);
  const lists = [...full.values()].map((row) => row.values);
  const cut = full.size === 0 ? first : cutOf([values, ...lists], k * batch);

  let nnz = 0;
  let { ties } = cut;
  let smallest = Number.POSITIVE_INFINITY;
  const keep = (latent: number, value: number) => {
    if (!(value > cut.value)) {
      if (!(value === cut.value && value > 0 && ties > 0)) return;
      ties--;
    }
    code.indices[nnz] = latent;
    code.values[nnz++] = value;
    smallest = Math.min(smallest, value);
  };
  for (let b = 0; b < batch; b++) {
    code.indptr[b] = nnz;
    const row = full.get(b);
    if (row) for (const [i, latent] of row.indices.entries()) keep(latent, row.values[i]!);
    else for (let i = b * width; i < (b + 1) * width; i++) keep(indices[i]!, values[i]!);
  }
  code.indptr[batch] = nnz;
  return { redoneRows: redone + saturated.length, smallest: nnz > 0 ? smallest : undefined };
}
