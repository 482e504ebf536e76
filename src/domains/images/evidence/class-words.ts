/** @file The classes of the pictures that a latent is active on. */

import { bestRules } from "../../../evidence/best-rules.ts";
import type { Seen } from "../../../evidence/look-through.ts";
import type { LatentWords } from "../../evidence-maker.ts";
import type { PictureClasses } from "../made.ts";

/** Strongest rows that a label counts. */
const STRONGEST = 10;

/** Which class a row is of. */
export type ClassOfRow = (row: number) => number;

/** Rows of the largest activations by magnitude, at most `STRONGEST`. */
function strongestRows({ top }: Seen, latent: number): number[] {
  const first = latent * top.slots;
  return Array.from({ length: top.slots }, (_, i) => first + i)
    .filter((slot) => top.rows[slot]! >= 0)
    .sort(
      (a, b) => Math.abs(top.values[b]!) - Math.abs(top.values[a]!) || top.rows[a]! - top.rows[b]!,
    )
    .slice(0, STRONGEST)
    .map((slot) => top.rows[slot]!);
}

const percent = (share: number) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

/**
 * The commonest class of a latent's strongest rows, beside its share of all rows:
 * `mostly class 7: Sneaker, 8 of 10 (10 % of all)`. "" where no class has half of them.
 */
function labelOf(
  rows: readonly number[],
  classOf: ClassOfRow,
  { names }: PictureClasses,
  share: readonly number[],
): string {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(classOf(row), (counts.get(classOf(row)) ?? 0) + 1);
  const [most] = [...counts].sort(([a, n], [b, m]) => m - n || a - b);
  if (!most || 2 * most[1] < rows.length) return "";
  const [found, count] = most;
  return `mostly class ${names[found]}, ${count} of ${rows.length} (${percent(share[found]!)} of all)`;
}

/**
 * What classes say of every latent: its label from its strongest rows, and the classes that predict
 * it best, on rows that were kept whole.
 *
 * @param rows All rows that were looked at.
 */
export function classWords(
  seen: Seen,
  classes: PictureClasses,
  classOf: ClassOfRow,
  rows: number,
): LatentWords[] {
  const { names } = classes;
  const share = new Array<number>(names.length).fill(0);
  for (let row = 0; row < rows; row++) share[classOf(row)]! += 1 / rows;
  const { codes, keptRows } = seen;
  const kept = Int32Array.from(keptRows, classOf);
  const having = new Int32Array(names.length);
  for (const one of kept) having[one]!++;
  const { indptr, rows: active } = codes.byLatent();
  return Array.from({ length: codes.latents }, (_, latent) => {
    const hits = new Int32Array(names.length);
    const [from, to] = [indptr[latent]!, indptr[latent + 1]!];
    for (let e = from; e < to; e++) hits[kept[active[e]!]!]!++;
    const tried = names.map((name, i) => ({
      kind: "class",
      text: `class ${name}`,
      satisfying: having[i]!,
      hits: hits[i]!,
    }));
    return {
      label: labelOf(strongestRows(seen, latent), classOf, classes, share),
      rules: bestRules(tried, to - from, codes.rows),
      logits: null,
    };
  });
}
