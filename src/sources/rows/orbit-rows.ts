/**
 * @file Rows that stay together: an orbit is read, drawn and shuffled as one long row, and served
 *   as its rows again, in their order.
 */

import { ConcordError } from "../../errors.ts";
import type { ActivationStream, StreamState } from "../source.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import type { StoredRows } from "./stored-rows.ts";

/**
 * Orbits as rows of size · d_in numbers.
 *
 * @param where Names the rows in messages.
 * @throws {ConcordError} "argument/invalid" when they are not whole orbits.
 */
export function foldedRows(stored: StoredRows, size: number, where: string): StoredRows {
  if (size === 1) return stored;
  if (stored.rows % size !== 0)
    throw new ConcordError(
      "argument/invalid",
      `${where} holds ${stored.rows} rows, which are not whole orbits of ${size}.`,
      {
        hint: "Save [orbits, poses, d_in] with the canonical pose first, or set another source.orbit.",
      },
    );
  return {
    ...stored,
    dIn: stored.dIn * size,
    rows: stored.rows / size,
    read: (start, into) => stored.read(start * size, into),
    close: () => stored.close(),
  };
}

/** How many held-out orbits so many rows are. @throws {ConcordError} when they are not whole. */
export function heldOutOrbits(heldOutRows: number | undefined, size: number): number | undefined {
  if (heldOutRows === undefined || heldOutRows % size === 0)
    return heldOutRows === undefined ? undefined : heldOutRows / size;
  throw new ConcordError(
    "argument/invalid",
    `held_out_rows: expected a multiple of ${size}, the rows of an orbit, but found ${heldOutRows}.`,
    { hint: `Set it to ${Math.max(1, Math.round(heldOutRows / size)) * size}.` },
  );
}

/**
 * A stream of long rows as one of the rows of their orbits. Whoever reads a part of an orbit gets
 * the rest of it next.
 */
export function orbitStream(folded: ActivationStream, size: number, dIn: number): ActivationStream {
  if (size === 1) return folded;
  const exclusive = oneAtATime();
  const length = size * dIn;
  /** The orbit that was served in part, and where it stands in the stream. */
  let part: { readonly rows: Float32Array; readonly before: StreamState } | undefined;
  let served = 0;
  const begin = async () => {
    const before = folded.state();
    const rows = new Float32Array(length);
    await folded.next(rows);
    part = { rows, before };
    served = 0;
  };
  return {
    dIn,
    rowsPerPass: folded.rowsPerPass === undefined ? undefined : folded.rowsPerPass * size,
    next: (out) =>
      exclusive(async () => {
        for (let at = 0; at < out.length; ) {
          const whole = Math.floor((out.length - at) / length) * length;
          if (!part && whole > 0) {
            await folded.next(out.subarray(at, at + whole));
            at += whole;
            continue;
          }
          if (!part) await begin();
          const { rows } = part!;
          const count = Math.min(out.length - at, length - served);
          out.set(rows.subarray(served, served + count), at);
          at += count;
          served += count;
          if (served === length) part = undefined;
        }
      }),
    state: () => (part ? { ...part.before, rows_of_orbit: served / dIn } : folded.state()),
    seek: (state) =>
      exclusive(async () => {
        const { rows_of_orbit: rows, ...before } = state;
        await folded.seek(before);
        part = undefined;
        if (rows === undefined) return;
        await begin();
        served = Number(rows) * dIn;
      }),
  };
}
