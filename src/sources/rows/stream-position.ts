/**
 * @file The position of a shuffled stream as plain JSON, and the checks when a checkpoint restores
 *   it.
 */

import { ConcordError, expected } from "../../errors.ts";
import type { StreamState } from "../source.ts";

/** The next row to be served: the `row`-th of pass `pass`, both from 0. */
export interface StreamPosition {
  readonly pass: number;
  readonly row: number;
}

/** A position as state; `layout` says which order it is a position in. */
export function positionState(position: StreamPosition, layout: string): StreamState {
  return { pass: position.pass, row: position.row, layout };
}

/**
 * The position that a state stands for.
 *
 * @throws {ConcordError} `run/conflict` when it belongs to another order: other rows, seed, block
 *   or buffer size, in which the same numbers would name other rows.
 */
export function positionFrom(
  state: StreamState,
  layout: string,
  rowsPerPass: number,
): StreamPosition {
  const { pass, row } = state;
  if (state["layout"] !== layout)
    throw new ConcordError(
      "run/conflict",
      `The position was saved in another order: ${state["layout"]}; this source has ${layout}.`,
      { hint: "Open the source with the data, seed and bufferBytes that the run began with." },
    );
  if (typeof pass !== "number" || !Number.isSafeInteger(pass) || pass < 0)
    throw expected("state.pass", "a non-negative integer", pass);
  if (typeof row !== "number" || !Number.isSafeInteger(row) || row < 0 || row >= rowsPerPass)
    throw expected("state.row", `an integer from 0 to ${rowsPerPass - 1}`, row);
  return { pass, row };
}

/** The position `count` rows on. */
export function advanced({ pass, row }: StreamPosition, count: number, rowsPerPass: number) {
  const next = row + count;
  return next < rowsPerPass ? { pass, row: next } : { pass: pass + 1, row: next - rowsPerPass };
}
