/** @file Connectivity: how few pairs of latents ever fire in one row. */

import type { Backend } from "../backend/backend.ts";
import { type Coder, openCoder } from "../sae/ensemble.ts";
import type { RowReader } from "../sources/source.ts";
import { EVALUATION_BATCH } from "./evaluate-saes.ts";

/** Most rows that are looked at; the value falls with their number. */
const CONNECTIVITY_ROWS = 10_000;

/** Most latents: their pairs take a bit each, 256 MiB for these. */
const MOST_LATENTS = 2 ** 16;

/** The connectivity of a coder, and the rows that it was measured on. */
export interface Connectivity {
  /** From 0 to 1; undefined above 65 536 latents, or with fewer than two. */
  readonly value: number | undefined;
  readonly rows: number;
}

/**
 * 1 − (pairs of different latents that are active in one row at least once) / (all pairs), over the
 * first rows of `reader`, 10 000 at most. It falls with the number of rows: compare only values of
 * equally many. Gadgil, Lin and Lee 2026 (arXiv:2505.16077) define it, and use 7 M tokens.
 *
 * @param pause Called and awaited after each batch; what it throws ends the measurement.
 * @throws {ConcordError} "numeric/not-finite" naming a row that is not finite.
 */
export async function connectivity(
  backend: Backend,
  coder: Coder,
  reader: RowReader,
  pause: () => void | Promise<void> = () => {},
): Promise<Connectivity> {
  const { dIn, dSae } = coder;
  const rows = Math.min(CONNECTIVITY_ROWS, reader.rows);
  if (dSae > MOST_LATENTS || dSae < 2) return { value: undefined, rows };
  const batch = Math.min(EVALUATION_BATCH, rows);
  const runner = await openCoder(backend, coder, batch);
  const pairs = (dSae * (dSae - 1)) / 2;
  const seen = new Uint8Array(Math.ceil(pairs / 8));
  const buffer = backend.float32(batch * dIn);
  // What a row is to be reconstructed as makes no difference to its code.
  const targets = reader.hasTargets ? backend.float32(batch * dIn) : undefined;
  const active = new Int32Array(dSae);
  let together = 0;
  for (let start = 0; start < rows; start += batch) {
    const count = Math.min(batch, rows - start);
    const x = buffer.subarray(0, count * dIn);
    await reader.read(start, x, targets?.subarray(0, count * dIn));
    const { indptr, indices, values } = await runner.encode(x, count);
    for (let b = 0; b < count; b++) {
      let n = 0;
      for (let e = indptr[b]!; e < indptr[b + 1]!; e++)
        if (values[e] !== 0) active[n++] = indices[e]!;
      active.subarray(0, n).sort();
      for (let i = 1; i < n; i++) {
        const first = (active[i]! * (active[i]! - 1)) / 2;
        for (let j = 0; j < i; j++) {
          const at = first + active[j]!;
          // Below 2³¹, so that a shift divides by eight.
          const byte = at >>> 3;
          const bit = 1 << (at & 7);
          if (seen[byte]! & bit) continue;
          seen[byte]! |= bit;
          together++;
        }
      }
    }
    await pause();
  }
  return { value: 1 - together / pairs, rows };
}
