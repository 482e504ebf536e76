/**
 * @file Operations on batches of whole orbits: row i · size + k is thing i in pose k.
 */

import { ShapeError } from "../../errors.ts";
import type { TapeTensor } from "../../tape/tensor.ts";

/** Which row of each orbit stands for it. */
export interface Representatives {
  /** Row of each orbit, [orbits]. */
  readonly rows: Int32Array;
  /** The same for every row of the batch, [rows]. */
  readonly repeated: Int32Array;
  /** Pose of the representative, by row of the batch, [rows]. */
  readonly poses: Int32Array;
}

/** The canonical pose, which comes first. */
export function fixedRepresentatives(x: TapeTensor, size: number): Representatives {
  const made = representatives(x, size);
  choose(made, size, () => 0);
  return made;
}

/**
 * A pose of each orbit by chance, and the same one whenever the orbit comes again. A hash of a seed
 * and of the orbit's first row decides it. Records an operation that looks at every batch.
 *
 * @param seed Other seeds draw other poses.
 */
export function keptRepresentatives(x: TapeTensor, size: number, seed: number): Representatives {
  const made = representatives(x, size);
  const step = size * x.columns;
  x.tape.record([], [x], () => ({
    forward() {
      const bits = new Int32Array(x.value.buffer, x.value.byteOffset, x.length);
      choose(made, size, (orbit) => hashOf(bits, orbit * step, x.columns, seed) % size);
    },
    backward() {},
  }));
  return made;
}

function representatives(x: TapeTensor, size: number): Representatives {
  const { rows } = x;
  if (rows % size !== 0) throw new ShapeError("orbits", `whole orbits of ${size} rows`, `${rows}`);
  return {
    rows: new Int32Array(rows / size),
    repeated: new Int32Array(rows),
    poses: new Int32Array(rows),
  };
}

function choose(
  { rows, repeated, poses }: Representatives,
  size: number,
  of: (orbit: number) => number,
): void {
  for (let orbit = 0, at = 0; orbit < rows.length; orbit++) {
    const pose = of(orbit);
    rows[orbit] = orbit * size + pose;
    for (let k = 0; k < size; k++, at++) {
      repeated[at] = rows[orbit]!;
      poses[at] = pose;
    }
  }
}

/**
 * A 32-bit hash of a seed and numbers, bit by bit: FNV-1a over words, mixed as MurmurHash3 ends.
 */
function hashOf(bits: Int32Array, at: number, count: number, seed: number): number {
  let hash = 0x811c9dc5;
  for (const word of [seed | 0, Math.floor(seed / 2 ** 32)])
    hash = Math.imul(hash ^ word, 0x01000193);
  for (let i = at; i < at + count; i++) hash = Math.imul(hash ^ bits[i]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Each row of y [rows, d] times one of some matrices: out_i = matrices[pose_i] y_i.
 *
 * @param matrices [count, d, d], row-major; they do not change.
 * @param pose Which matrix, [rows]. It is read at every step and may change between two.
 */
export function moved(y: TapeTensor, matrices: Float32Array, pose: Int32Array): TapeTensor {
  const { tape, rows, columns: d } = y;
  const { backend } = tape;
  const count = matrices.length / (d * d);
  return tape.record(y.shape, [y], (out) => {
    const sorted = tape.float32(y.length);
    const products = tape.float32(y.length);
    const place = tape.int32(rows);
    const starts = new Int32Array(count + 1);
    /** Products of the rows of each pose, and of its matrix or that matrix transposed. */
    const multiply = async (from: Float32Array, transposeB: boolean): Promise<void> => {
      for (let i = 0; i < rows; i++)
        for (let j = 0, to = place[i]! * d; j < d; j++) sorted[to + j] = from[i * d + j]!;
      for (let k = 0; k < count; k++) {
        const m = starts[k + 1]! - starts[k]!;
        if (m === 0) continue;
        const part = [starts[k]! * d, starts[k + 1]! * d] as const;
        await backend.gemm({
          a: sorted.subarray(...part),
          b: matrices.subarray(k * d * d, (k + 1) * d * d),
          c: products.subarray(...part),
          m,
          n: d,
          k: d,
          transposeB,
          beta: 0,
        });
      }
    };
    return {
      async forward() {
        sortByPose(pose, starts, place);
        await multiply(y.value, true);
        for (let i = 0; i < rows; i++)
          for (let j = 0, at = place[i]! * d; j < d; j++) out.value[i * d + j] = products[at + j]!;
      },
      async backward() {
        await multiply(out.gradient!.sum, false);
        const to = y.gradient!.added();
        for (let i = 0; i < rows; i++)
          for (let j = 0, at = place[i]! * d; j < d; j++) to[i * d + j]! += products[at + j]!;
      },
    };
  });
}

/** Places of rows once they are sorted by pose, in their order; where each pose starts. */
function sortByPose(pose: Int32Array, starts: Int32Array, place: Int32Array): void {
  starts.fill(0);
  for (const k of pose) starts[k + 1]!++;
  for (let k = 1; k < starts.length; k++) starts[k]! += starts[k - 1]!;
  const next = starts.slice();
  for (let i = 0; i < pose.length; i++) place[i] = next[pose[i]!]!++;
}
