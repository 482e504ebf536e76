/** @file Which answers belong to which held-out row, and which rows belong together. */

import { ConcordError } from "../../errors.ts";
import type { RowLabels } from "../../sources/row-labels.ts";
import type { Source } from "../../sources/source.ts";

/** The labels of held-out rows. */
export interface AlignedLabels {
  readonly tasks: RowLabels["tasks"];
  /** Consecutive rows that are of one thing: of one orbit, or of one picture. */
  readonly groupSize: number;
  /** Answers to all tasks for each of `rows`, [rows.length, tasks]. */
  of(rows: Int32Array): Uint8Array;
}

/** Rows of a source, held-out ones last; undefined where nobody knows. */
function allRows({ store, provenance, heldOut }: Pick<Source, "store" | "provenance" | "heldOut">) {
  if (store) return store.trainRows + heldOut.rows;
  return typeof provenance["rows"] === "number" ? provenance["rows"] : undefined;
}

/** Fewer orbits or pictures cannot be split; such labels are of something else. */
const FEWEST_GROUPS = 5;

/**
 * Finds the answers for held-out rows.
 *
 * Labels are one per row or one per orbit, of all rows or of the held-out ones alone. They may also
 * be one per picture, where pictures have as many rows each.
 *
 * @throws {ConcordError} "argument/invalid" naming the numbers that fit.
 */
export function alignLabels(
  { tasks, things, values }: RowLabels,
  source: Pick<Source, "store" | "provenance" | "heldOut" | "symmetry">,
): AlignedLabels {
  const { rows } = source.heldOut;
  const all = allRows(source) ?? rows;
  const size = source.symmetry?.size ?? 1;
  const fitting = [
    { of: rows, each: 1 },
    { of: all, each: 1 },
    { of: rows, each: size },
    { of: all, each: size },
    { of: all, each: all / things },
  ].find(
    ({ of, each }) =>
      things * each === of &&
      Number.isInteger(each) &&
      (of - rows) % each === 0 &&
      rows / each >= FEWEST_GROUPS,
  );
  if (!fitting) {
    const numbers = [...new Set([rows, all, rows / size, all / size])].filter(Number.isInteger);
    throw new ConcordError(
      "argument/invalid",
      `probes: there are labels for ${things} rows or pictures, but ${numbers.join(", ")} would fit: the source has ${all} rows, ${rows} of them held out${size > 1 ? `, in orbits of ${size}` : ""}.`,
      { hint: "Give one label per row or per picture, in the order of the source." },
    );
  }
  const { each } = fitting;
  const before = fitting.of - rows;
  const count = tasks.length;
  return {
    tasks,
    groupSize: each === 1 ? size : each,
    of(some) {
      const out = new Uint8Array(some.length * count);
      for (const [i, row] of some.entries()) {
        const thing = Math.floor((before + row) / each);
        out.set(values.subarray(thing * count, (thing + 1) * count), i * count);
      }
      return out;
    },
  };
}
