/** @file The rows that a baseline is fitted to: the first of the training stream, read again. */

import type { Backend } from "../../backend/backend.ts";
import { ConcordError } from "../../errors.ts";
import type { ActivationStream } from "../../sources/source.ts";

/** Rows that can be passed over several times, the same ones each time. */
export interface FittingRows {
  readonly dIn: number;
  readonly rows: number;
  /**
   * Shows all rows in their order, in batches.
   *
   * @param visit Given x [rows, d_in], valid until it returns.
   * @throws {ConcordError} "numeric/not-finite" naming a row that is not finite.
   */
  pass(visit: (x: Float32Array, rows: number) => void | Promise<void>): Promise<void>;
}

const BATCH = 1024;

/**
 * The first `wanted` rows of a stream from where it stands, one pass of it at most.
 *
 * @param pause Called and awaited between batches; what it throws ends the pass.
 */
export function openFittingRows(
  backend: Backend,
  stream: ActivationStream,
  dIn: number,
  wanted: number,
  pause: () => void | Promise<void> = () => {},
): FittingRows {
  const beginning = stream.state();
  const rows = Math.min(wanted, stream.rowsPerPass ?? wanted);
  const buffer = backend.float32(Math.min(BATCH, rows) * dIn);
  const targets = stream.hasTargets ? backend.float32(buffer.length) : undefined;
  return {
    dIn,
    rows,
    async pass(visit) {
      await stream.seek(beginning);
      for (let at = 0; at < rows; at += BATCH) {
        const count = Math.min(BATCH, rows - at);
        const x = buffer.subarray(0, count * dIn);
        await stream.next(x, targets?.subarray(0, x.length));
        const badRow = await backend.center({ x, batch: count, dIn, out: x });
        if (badRow >= 0)
          throw new ConcordError(
            "numeric/not-finite",
            `Training row ${at + badRow} holds a value that is not finite.`,
            { hint: "Set source.skip_non_finite to leave such rows out, or repair the data." },
          );
        await visit(x, count);
        await pause();
      }
    },
  };
}

/** All rows at once, [rows, d_in]. */
export async function gatherRows(backend: Backend, rows: FittingRows): Promise<Float32Array> {
  const all = backend.float32(rows.rows * rows.dIn);
  let at = 0;
  await rows.pass((x) => {
    all.set(x, at);
    at += x.length;
  });
  return all;
}
