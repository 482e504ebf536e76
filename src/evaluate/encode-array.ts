/**
 * @file Encodes any array or activation store with any saved SAE. Codes go to a safetensors file,
 *   reconstructions to a .npy file. It works in batches, so that neither needs to fit in memory.
 */

import { extname, resolve } from "node:path";
import type { Backend } from "../backend/backend.ts";
import { ConcordError, expected } from "../errors.ts";
import { writeFileAtomically } from "../formats/atomic-file.ts";
import { serializeNpyHeader } from "../formats/npy-header.ts";
import { bytesOf } from "../formats/typed-bytes.ts";
import type { FormerSae } from "../interchange/format.ts";
import { readSae } from "../interchange/formats.ts";
import { openSaeRunner, type Sae } from "../sae/sae.ts";
import type { ArrayFile } from "../sources/arrays/array-rows.ts";
import { openRows } from "../sources/open-rows.ts";
import { requireFinite } from "../sources/rows/require-finite.ts";
import { rowReader } from "../sources/rows/row-reader.ts";
import type { RowReader } from "../sources/source.ts";
import { type CodeWriter, openCodeWriter } from "./code-writer.ts";

/** The rows, the SAE, and the files for the results. */
export interface EncodeArrayOptions {
  /** Folder of the SAE. */
  readonly sae: string;
  /** Array files, or the folder of an activation store. */
  readonly input: ArrayFile;
  /** File for the codes, `.safetensors`; see code-writer.ts. */
  readonly out: string;
  /** File for the reconstructions, `.npy`, float32 [rows, d_in]; without it none are made. */
  readonly reconstructions?: string | undefined;
  /** Rows per batch. Default 1024. */
  readonly batch?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: { rows: number; totalRows: number }) => void) | undefined;
}

/** The result of an encoding. */
export interface EncodedArray {
  readonly rows: number;
  readonly dIn: number;
  readonly dSae: number;
  readonly architecture: string;
  /** Active latents of all rows. */
  readonly nnz: number;
  /** Active latents per row on average. */
  readonly l0: number;
  /** Mean over rows of ‖x − x̂‖² / d_in, when reconstructions were made. */
  readonly mse: number | undefined;
  /** SAEs whose residual it was trained on, while these rows were encoded as they are. */
  readonly residualOf: readonly FormerSae[] | undefined;
}

const DEFAULT_BATCH = 1024;

/** Bytes of input held in memory. */
const READ_BYTES = 4 * 2 ** 20;

/**
 * Encodes every row of arrays or of an activation store. All rows are read once before, so that one
 * that is not finite costs no encoding.
 *
 * @throws {ConcordError} `argument/invalid` when the array's d_in is not the SAE's, naming both;
 *   `numeric/not-finite` naming file, row and column; `interrupted`; the errors of reading and
 *   writing. A codes file that was there before is untouched then.
 */
export async function encodeArray(
  backend: Backend,
  options: EncodeArrayOptions,
): Promise<EncodedArray> {
  const { input, out, reconstructions } = options;
  requirePaths(options);
  const { sae, residualOf } = await readSae(backend, options.sae);
  const { dIn, dSae, architecture } = sae;
  const name = [input.path].flat().join(", ");
  const { rows: stored, parts } = await openRows(input, backend);
  let writer: CodeWriter | undefined;
  try {
    if (stored.dIn !== dIn)
      throw new ConcordError(
        "argument/invalid",
        `${options.sae} encodes rows of d_in ${dIn}, but those of ${name} have ${stored.dIn}.`,
        { hint: "Give activations from the hook that the SAE was trained on." },
      );
    await requireFinite(parts, backend, options.signal);
    const reader = rowReader(stored, 0, stored.rows, READ_BYTES, backend);
    writer = await openCodeWriter(out);
    const sums = { squaredError: 0 };
    const batches = encodedBatches(backend, sae, reader, writer, sums, options);
    if (reconstructions === undefined) for await (const _ of batches);
    else await writeFileAtomically(reconstructions, npyPieces([stored.rows, dIn], batches));
    const { rows, nnz } = writer;
    await writer.finish(dSae, {
      d_in: String(dIn),
      architecture,
      sae: options.sae,
      input: name,
    });
    const mse = reconstructions === undefined ? undefined : sums.squaredError / rows / dIn;
    return { rows, dIn, dSae, architecture, nnz, l0: nnz / rows, mse, residualOf };
  } finally {
    await writer?.close();
    await stored.close();
  }
}

/** Passes the codes to `writer`, and yields the reconstructions in batches if they are wanted. */
async function* encodedBatches(
  backend: Backend,
  sae: Sae,
  reader: RowReader,
  writer: CodeWriter,
  sums: { squaredError: number },
  options: EncodeArrayOptions,
): AsyncGenerator<Uint8Array> {
  const { rows: totalRows } = reader;
  const { dIn } = sae;
  const batch = Math.max(1, Math.min(options.batch ?? DEFAULT_BATCH, totalRows));
  const runner = await openSaeRunner(backend, sae, batch);
  const buffer = backend.float32(batch * dIn);
  for (let start = 0; start < totalRows; start += batch) {
    if (options.signal?.aborted)
      throw new ConcordError(
        "interrupted",
        `Encoding was interrupted after ${start} of ${totalRows} rows.`,
        { hint: "No partial result was kept; run it again." },
      );
    const rows = Math.min(batch, totalRows - start);
    const x = buffer.subarray(0, rows * dIn);
    await reader.read(start, x);
    const badRow = await backend.center({ x, batch: rows, dIn, out: x });
    if (badRow >= 0)
      throw new ConcordError(
        "numeric/not-finite",
        `Row ${start + badRow} is not finite once it is centred: its numbers are too large.`,
      );
    const code = await runner.encode(x, rows);
    await writer.append(code);
    if (options.reconstructions !== undefined) {
      const { residual, rowLoss } = await runner.residual(x, code);
      for (let b = 0; b < rows; b++) sums.squaredError += rowLoss[b]!;
      for (let i = 0; i < x.length; i++) x[i]! += residual[i]!;
      yield bytesOf(x);
    }
    options.onProgress?.({ rows: start + rows, totalRows });
  }
}

async function* npyPieces(
  shape: readonly number[],
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield serializeNpyHeader("float32", shape);
  yield* pieces;
}

function requirePaths({ input, out, reconstructions, batch }: EncodeArrayOptions): void {
  const wanted = [
    ["out", out, ".safetensors"],
    ["reconstructions", reconstructions, ".npy"],
  ] as const;
  for (const [name, path, extension] of wanted) {
    if (path === undefined) continue;
    if (extname(path) !== extension) throw expected(name, `a file that ends in ${extension}`, path);
    if ([input.path].flat().some((one) => resolve(path) === resolve(one)))
      throw expected(name, "another file than the input", path);
  }
  if (batch !== undefined && (!Number.isSafeInteger(batch) || batch < 1))
    throw expected("batch", "a positive integer", batch);
}
