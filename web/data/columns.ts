/** @file Values back from columns (`src/report/static-page/columns.ts`). */

import type { Column } from "../../src/report/static-page/columns.ts";

function isPlain(column: Column): column is readonly unknown[] {
  return Array.isArray(column);
}

/** Puts null where a value is missing. */
function spread(present: readonly unknown[], there: readonly (0 | 1)[] | undefined): unknown[] {
  if (!there) return [...present];
  let next = 0;
  return there.map((is) => (is === 1 ? present[next++] : null));
}

/** The values of a column, of which there are `count`. */
export function fromColumn(column: Column, count: number): unknown[] {
  if (isPlain(column)) return [...column];
  if ("all" in column) return new Array(count).fill(column.all);
  const present = column.there?.filter((is) => is === 1).length ?? count;
  if ("lengths" in column) {
    const lengths = fromColumn(column.lengths, present) as number[];
    const total = lengths.reduce((a, b) => a + b, 0);
    const items = fromColumn(column.items, total);
    let at = 0;
    const lists = lengths.map((length) => {
      at += length;
      return items.slice(at - length, at);
    });
    return spread(lists, column.there);
  }
  const keys = Object.entries(column.keys).map(
    ([key, values]) => [key, fromColumn(values, present)] as const,
  );
  const objects = Array.from({ length: present }, (_, i) =>
    Object.fromEntries(keys.map(([key, values]) => [key, values[i]])),
  );
  return spread(objects, column.there);
}
