/** @file What probes read: rows of features as a dense matrix, standardised once for all tasks. */

import type { Backend } from "../../backend/backend.ts";
import { ConcordError } from "../../errors.ts";

/** Rows of features. */
export interface FeatureMatrix {
  readonly rows: number;
  readonly columns: number;
  /** [rows, columns] */
  readonly values: Float32Array;
}

/** Codes of rows, as CSR without zeros; `columns` is d_sae. */
export interface Codes {
  readonly rows: number;
  readonly columns: number;
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/** Larger matrices of features are refused. */
const MOST_BYTES = 2 ** 31;

/**
 * The codes with only the `length` largest activations of each row, by magnitude; of equal ones the
 * lower latent stays.
 */
export function largestOfRows(codes: Codes, length: number): Codes {
  const { rows, columns } = codes;
  const indptr = new Int32Array(rows + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let b = 0; b < rows; b++) {
    const [from, to] = [codes.indptr[b]!, codes.indptr[b + 1]!];
    let entries = Array.from({ length: to - from }, (_, i) => from + i);
    if (entries.length > length) {
      const size = (e: number) => Math.abs(codes.values[e]!);
      entries.sort((e, f) => size(f) - size(e) || codes.indices[e]! - codes.indices[f]!);
      entries = entries.slice(0, length).sort((e, f) => e - f);
    }
    for (const e of entries) {
      indices.push(codes.indices[e]!);
      values.push(codes.values[e]!);
    }
    indptr[b + 1] = indices.length;
  }
  return {
    rows,
    columns,
    indptr,
    indices: Int32Array.from(indices),
    values: Float32Array.from(values),
  };
}

/**
 * Codes as a matrix of the latents that are active in one of the rows `used`. A latent that is
 * never active there cannot be learnt from.
 *
 * @throws {ConcordError} "argument/invalid" when the matrix would take more than 2 GiB.
 */
export function denseCodes(backend: Backend, codes: Codes, used: Int32Array): FeatureMatrix {
  const { rows, indptr, indices, values } = codes;
  const place = new Int32Array(codes.columns).fill(-1);
  for (const row of used)
    for (let e = indptr[row]!; e < indptr[row + 1]!; e++) place[indices[e]!] = 0;
  let columns = 0;
  for (let f = 0; f < place.length; f++) if (place[f] === 0) place[f] = columns++;
  const bytes = 4 * rows * columns;
  if (bytes > MOST_BYTES)
    throw new ConcordError(
      "argument/invalid",
      `probes: the codes of ${rows} rows with ${columns} active latents take ${(bytes / 2 ** 30).toFixed(1)} GiB as features, and 2 GiB are allowed.`,
      { hint: "Probe fewer rows (probes.rows), or keep fewer latents per row (probes.lengths)." },
    );
  const dense = backend.float32(rows * columns);
  for (let b = 0; b < rows; b++)
    for (let e = indptr[b]!; e < indptr[b + 1]!; e++) {
      const column = place[indices[e]!]!;
      if (column >= 0) dense[b * columns + column] = values[e]!;
    }
  return { rows, columns, values: dense };
}

/** Some rows of a matrix. */
export async function rowsOf(
  backend: Backend,
  { values: matrix, columns }: FeatureMatrix,
  index: Int32Array,
): Promise<FeatureMatrix> {
  const count = index.length;
  const out = backend.float32(count * columns);
  if (out.length > 0) await backend.gatherRows({ matrix, index, count, columns, out });
  return { rows: count, columns, values: out };
}

/**
 * Centres and scales every column by its mean and standard deviation over `fit`, in both matrices
 * in place. A constant column is only centred, as scikit-learn's StandardScaler does.
 */
export function standardise(fit: FeatureMatrix, other: FeatureMatrix): void {
  const { rows, columns } = fit;
  const mean = new Float64Array(columns);
  const variance = new Float64Array(columns);
  for (let at = 0; at < fit.values.length; at++) mean[at % columns]! += fit.values[at]! / rows;
  for (let at = 0; at < fit.values.length; at++)
    variance[at % columns]! += (fit.values[at]! - mean[at % columns]!) ** 2 / rows;
  const scale = variance.map((v) => (v > 1e-14 ? 1 / Math.sqrt(v) : 1));
  for (const { values } of [fit, other])
    for (let at = 0; at < values.length; )
      for (let j = 0; j < columns; j++, at++) values[at] = (values[at]! - mean[j]!) * scale[j]!;
}

/**
 * For each task the columns whose means differ most between its two answers, in standard
 * deviations: |Pearson's correlation| with the label.
 *
 * @param x      Standardised.
 * @param labels [rows, tasks]
 * @returns 1 for the `length` best of each task, [tasks, columns]; of equal ones the first.
 */
export async function bestColumns(
  backend: Backend,
  x: FeatureMatrix,
  labels: Uint8Array,
  tasks: number,
  length: number,
): Promise<Uint8Array> {
  const { rows, columns } = x;
  const yes = new Float64Array(tasks);
  for (let at = 0; at < labels.length; at++) yes[at % tasks]! += labels[at]! / rows;
  const centred = backend.float32(rows * tasks);
  for (let at = 0; at < labels.length; at++) centred[at] = labels[at]! - yes[at % tasks]!;
  const sums = backend.float32(tasks * columns);
  const shape = { m: tasks, n: columns, k: rows };
  await backend.gemm({ a: centred, b: x.values, c: sums, transposeA: true, ...shape });
  const mask = new Uint8Array(tasks * columns);
  for (let t = 0; t < tasks; t++) {
    const own = sums.subarray(t * columns, (t + 1) * columns);
    const order = Array.from(own.keys()).sort((i, j) => Math.abs(own[j]!) - Math.abs(own[i]!));
    for (const j of order.slice(0, length)) mask[t * columns + j] = 1;
  }
  return mask;
}
