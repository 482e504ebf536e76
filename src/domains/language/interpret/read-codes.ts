/** @file Where the latents of an SAE are active in some rows, read block by block. */

import type { Backend } from "../../../backend/backend.ts";
import { KeptCodes } from "../../../consistency/lab/codes/kept-codes.ts";
import { blockEnds, type EvidenceRows } from "../../../evidence/evidence-rows.ts";
import { openSaeRunner, type Sae } from "../../../sae/sae.ts";
import type { Activations } from "./activations.ts";

/** The activations above 0: judges ask where a latent is active, and how strongly. */
function positive({ indptr, rows, values }: Activations): Activations {
  const starts = new Int32Array(indptr.length);
  let to = 0;
  for (let latent = 0; latent + 1 < indptr.length; latent++) {
    for (let e = indptr[latent]!; e < indptr[latent + 1]!; e++) {
      if (values[e]! <= 0) continue;
      rows[to] = rows[e]!;
      values[to++] = values[e]!;
    }
    starts[latent + 1] = to;
  }
  return { indptr: starts, rows: rows.subarray(0, to), values: values.subarray(0, to) };
}

/**
 * Encodes all rows: 16 bytes per activation that is not 0 are in memory. Negative activations, as
 * tied TopK SAEs have, count as none.
 *
 * @param onRows Told of the rows that are done.
 */
export async function readActivations(
  backend: Backend,
  sae: Sae,
  rows: EvidenceRows,
  onRows: (done: number) => Promise<void>,
): Promise<Activations> {
  const ends = blockEnds(rows);
  const longest = ends.reduce((most, end, i) => Math.max(most, end - (ends[i - 1] ?? 0)), 0);
  const runner = await openSaeRunner(backend, sae, longest);
  const buffer = backend.float32(longest * rows.dIn);
  const codes = new KeptCodes(sae.dSae);
  let start = 0;
  for (const end of ends) {
    const x = buffer.subarray(0, (end - start) * rows.dIn);
    await rows.read(start, x);
    codes.append(await runner.encode(x, end - start));
    start = end;
    await onRows(end);
  }
  return positive(codes.byLatent());
}
