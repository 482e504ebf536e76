/**
 * @file Writes the codes of any number of rows as one safetensors file, in bounded memory. How many
 *   latents are active is known only at the end, so the three tensors grow in files of their own
 *   first.
 *
 * CSR: `indptr` int64 [rows + 1], `indices` int32 [nnz], ascending in each row, `values` float32
 * [nnz], none of them zero. The metadata holds `layout`, `rows`, `d_sae` and what the caller adds.
 */

import { writeFileAtomically } from "../formats/atomic-file.ts";
import { serializeHeader } from "../formats/safetensors-header.ts";
import { openSpool } from "../formats/spool.ts";
import type { EncodedBatch } from "../sae/sae.ts";

export interface CodeWriter {
  readonly rows: number;
  /** Active latents so far. */
  readonly nnz: number;
  /** Appends the codes of some rows; await it before the next call. */
  append(code: EncodedBatch): Promise<void>;
  /** Writes the file completely, or not at all. */
  finish(dSae: number, metadata: Readonly<Record<string, string>>): Promise<void>;
  /** Removes temporary files; call it in any case. */
  close(): Promise<void>;
}

const DTYPES = { indptr: "int64", indices: "int32", values: "float32" } as const;

/** @throws {ConcordError} `file/missing` when the folder of `path` does not exist, `file/io`. */
export async function openCodeWriter(path: string): Promise<CodeWriter> {
  const indptr = await openSpool(`${path}.indptr`);
  const indices = await openSpool(`${path}.indices`);
  const values = await openSpool(`${path}.values`);
  const spools = { indptr, indices, values };
  let rows = 0;
  let nnz = 0;
  await indptr.append(BigInt64Array.of(0n));
  return {
    get rows() {
      return rows;
    },
    get nnz() {
      return nnz;
    },
    async append(code) {
      const active = activeOnly(code, nnz);
      rows += code.rows;
      nnz += active.values.length;
      await indptr.append(active.ends);
      await indices.append(active.indices);
      await values.append(active.values);
    },
    async finish(dSae, metadata) {
      const shapes = { indptr: [rows + 1], indices: [nnz], values: [nnz] };
      const names = ["indptr", "indices", "values"] as const;
      const tensors = new Map(
        names.map((name) => [name as string, { dtype: DTYPES[name], shape: shapes[name] }]),
      );
      const about = { layout: "csr", rows: String(rows), d_sae: String(dSae), ...metadata };
      const { bytes, order } = serializeHeader(tensors, about);
      async function* pieces() {
        yield bytes;
        for (const name of order) yield* spools[name as keyof typeof spools].pieces();
      }
      await writeFileAtomically(path, pieces());
    },
    async close() {
      for (const spool of Object.values(spools)) await spool.close();
    },
  };
}

/**
 * A code without its zeros, and the end of each row. TopK keeps latents that its ReLU has set to
 * zero.
 */
function activeOnly(
  { rows, indptr, indices: allIndices, values: allValues }: EncodedBatch,
  before: number,
): { ends: BigInt64Array; indices: Int32Array; values: Float32Array } {
  const total = indptr[rows]!;
  const indices = new Int32Array(total);
  const values = new Float32Array(total);
  const ends = new BigInt64Array(rows);
  let kept = 0;
  for (let b = 0; b < rows; b++) {
    for (let e = indptr[b]!; e < indptr[b + 1]!; e++) {
      if (allValues[e] === 0) continue;
      indices[kept] = allIndices[e]!;
      values[kept++] = allValues[e]!;
    }
    ends[b] = BigInt(before + kept);
  }
  return { ends, indices: indices.subarray(0, kept), values: values.subarray(0, kept) };
}
