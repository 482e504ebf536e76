/** @file The numbers of a checkpoint's weights, in float32 whatever they are stored in. */

import { join } from "node:path";
import { readExactly, withFile } from "../../../../formats/file-bytes.ts";
import type { RowKernels } from "../../../../sources/rows/row-kernels.ts";
import { widenFrom } from "../../../../sources/rows/widen-rows.ts";
import type { Checkpoint } from "../checkpoint.ts";

/** The bytes of a weight as they are stored. */
export async function weightBytes(checkpoint: Checkpoint, name: string): Promise<Uint8Array> {
  const { file, offset, byteLength } = checkpoint.weights.get(name)!;
  const bytes = new Uint8Array(byteLength);
  const path = join(checkpoint.fileFolders.get(file)!, file);
  await withFile(path, (open) => readExactly(open, bytes, offset));
  return bytes;
}

/**
 * A weight stored as a floating-point dtype, row-major. @throws {ConcordError} `file/io`, or when
 * the file is cut short.
 */
export async function weightValues(
  checkpoint: Checkpoint,
  name: string,
  kernels: RowKernels,
): Promise<Float32Array> {
  const { dtype, shape } = checkpoint.weights.get(name)!;
  const { buffer } = await weightBytes(checkpoint, name);
  if (dtype === "float32") return new Float32Array(buffer);
  const count = shape.reduce((product, n) => product * n, 1);
  const out = new Float32Array(count);
  const stored = dtype === "float64" ? new Float64Array(buffer) : new Uint16Array(buffer);
  const widen = widenFrom(dtype, kernels);
  await widen({ chunks: [stored], rowsPerChunk: 1, columns: count, first: 0, count: 1, out });
  return out;
}
