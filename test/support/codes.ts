/** @file The dense codes and reconstructions that an SAE gives some rows. */

import { openSaeRunner, type Sae } from "../../src/sae/sae.ts";
import { reference } from "./backends.ts";

/** Codes [rows, d_sae] of x [rows, d_in]. */
export async function codesOf(sae: Sae, x: Float32Array): Promise<number[]> {
  const rows = x.length / sae.dIn;
  const runner = await openSaeRunner(reference, sae, rows);
  const { indptr, indices, values } = await runner.encode(x, rows);
  const codes = new Array<number>(rows * sae.dSae).fill(0);
  for (let b = 0; b < rows; b++)
    for (let e = indptr[b]!; e < indptr[b + 1]!; e++)
      codes[b * sae.dSae + indices[e]!] = values[e]!;
  return codes;
}
