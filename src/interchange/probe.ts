/**
 * @file A probe: a few rows with the codes and reconstructions that an SAE gave them when its
 *   folder was written. Whoever reads the folder encodes the rows again. So a file that was
 *   changed, or a reader that understands it differently, does not pass in silence.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Backend } from "../backend/backend.ts";
import { normalAt, randomStream } from "../base/philox.ts";
import { float32Tensor } from "../base/tensor.ts";
import { FormatError } from "../errors.ts";
import { readSafetensors, writeSafetensors } from "../formats/safetensors-file.ts";
import { openSaeRunner, type Sae } from "../sae/sae.ts";

/**
 * The file next to an SAE's weights: x [rows, d_in], codes [rows, d_sae], reconstructions [rows,
 * d_in].
 */
export const PROBE_FILE = "probe.safetensors";

const ROWS = 8;

/** Largest difference that is rounding, relative to the largest number of the array. */
const TOLERANCE = 1e-4;

interface Answer {
  readonly codes: Float32Array;
  readonly reconstructions: Float32Array;
}

async function answer(backend: Backend, sae: Sae, x: Float32Array, rows: number): Promise<Answer> {
  const runner = await openSaeRunner(backend, sae, rows);
  const code = await runner.encode(x, rows);
  const codes = new Float32Array(rows * sae.dSae);
  for (let b = 0; b < rows; b++)
    for (let e = code.indptr[b]!; e < code.indptr[b + 1]!; e++)
      codes[b * sae.dSae + code.indices[e]!] = code.values[e]!;
  const { residual } = await runner.residual(x, code);
  return { codes, reconstructions: residual.map((r, i) => r + x[i]!) };
}

/**
 * Rows around b_dec, at the scale of what the SAE adds to it; the same for every SAE of a shape.
 */
function probeRows(backend: Backend, { dIn, decoderBias }: Sae): Float32Array {
  const stream = randomStream(0, "probe");
  const x = backend.float32(ROWS * dIn);
  for (let i = 0; i < x.length; i++) x[i] = (decoderBias?.[i % dIn] ?? 0) + normalAt(stream, i);
  return x;
}

/** Writes the probe of an SAE into its folder. */
export async function writeProbe(backend: Backend, folder: string, sae: Sae): Promise<void> {
  const x = probeRows(backend, sae);
  const { codes, reconstructions } = await answer(backend, sae, x, ROWS);
  const tensors = new Map([
    ["x", float32Tensor([ROWS, sae.dIn], x)],
    ["codes", float32Tensor([ROWS, sae.dSae], codes)],
    ["reconstructions", float32Tensor([ROWS, sae.dIn], reconstructions)],
  ]);
  await writeSafetensors(join(folder, PROBE_FILE), tensors);
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}

/**
 * Encodes the probe of a folder again, where there is one.
 *
 * @returns The largest relative difference of codes and reconstructions; undefined without a probe.
 * @throws {FormatError} when they differ by more than rounding, or the probe is not of this SAE's
 *   shape.
 */
export async function checkProbe(
  backend: Backend,
  folder: string,
  sae: Sae,
): Promise<number | undefined> {
  const file = join(folder, PROBE_FILE);
  if (!existsSync(file)) return undefined;
  const { tensors } = await readSafetensors(file);
  const values = (name: string, columns: number): Float32Array => {
    const found = tensors.get(name);
    if (found?.shape[1] !== columns || !(found.data instanceof Float32Array))
      throw new FormatError(file, `expected float32 ${name} of [rows, ${columns}].`);
    return found.data;
  };
  const x = values("x", sae.dIn);
  const rows = x.length / sae.dIn;
  const now = await answer(backend, sae, x, rows);
  let worst = 0;
  for (const name of ["codes", "reconstructions"] as const) {
    const then = values(name, name === "codes" ? sae.dSae : sae.dIn);
    const scale = largest(then) || 1;
    const difference = largest(now[name].map((v, i) => v - then[i]!)) / scale;
    if (!(difference <= TOLERANCE))
      throw new FormatError(
        file,
        `the SAE gives other ${name} than when it was saved: they differ by ${difference.toPrecision(2)} of the largest.`,
        { hint: "The weights or the config were changed since, or were saved by another program." },
      );
    worst = Math.max(worst, difference);
  }
  return worst;
}
