/** @file Rows to learn from and rows to try on, whole orbits or pictures on one side each. */

import { permutation, randomStream } from "../../base/philox.ts";
import { ConcordError } from "../../errors.ts";

/** Row numbers, ascending. */
export interface Split {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/** Share of the groups that probes learn from. */
const TRAIN_SHARE = 0.8;

/**
 * Splits `rows` rows, of which each `together` consecutive ones belong together, 80 to 20 by
 * chance.
 *
 * @throws {ConcordError} "argument/invalid" for fewer than five groups.
 */
export function splitGroups(rows: number, together: number, seed: number): Split {
  const groups = Math.floor(rows / together);
  if (groups < 5)
    throw new ConcordError(
      "argument/invalid",
      `probes: ${rows} held-out rows are ${groups} ${together === 1 ? "rows" : `groups of ${together}`} to split 80 to 20, and 5 are needed.`,
      { hint: "Raise source.held_out_rows." },
    );
  const order = permutation(randomStream(seed, "probes/split"), groups);
  const count = Math.floor(TRAIN_SHARE * groups);
  const rowsIn = (some: Int32Array) =>
    Int32Array.from(
      Array.from(some.toSorted()).flatMap((group) =>
        Array.from({ length: together }, (_, i) => group * together + i),
      ),
    );
  return { train: rowsIn(order.slice(0, count)), test: rowsIn(order.slice(count)) };
}
