/** @file Tables that sort by a click on a head; the address holds which column. */

import type { ComponentChildren } from "preact";
import { setQuery, useRoute } from "../app/route.ts";

/** A column of a table of `T`. */
export interface Column<T> {
  readonly key: string;
  readonly head: ComponentChildren;
  /** Explains the head when one points at it. */
  readonly title?: string;
  readonly isNumber?: boolean;
  /** What the column sorts by; without it, it does not. */
  readonly value?: (row: T) => number | string | null | undefined;
  readonly cell: (row: T) => ComponentChildren;
}

/** Missing values go last in either direction. */
function compare(a: unknown, b: unknown, direction: number): number {
  const isMissing = (v: unknown) => v === null || v === undefined || Number.isNaN(v);
  if (isMissing(a) || isMissing(b)) return Number(isMissing(a)) - Number(isMissing(b));
  if (typeof a === "number" && typeof b === "number") return direction * (a - b);
  return direction * String(a).localeCompare(String(b), "en", { numeric: true });
}

/** Rows in the order that the address asks for: `fvu` upwards, `-fvu` downwards. */
function sorted<T>(rows: readonly T[], columns: readonly Column<T>[], by: string): readonly T[] {
  const value = columns.find(({ key }) => key === by.replace(/^-/, ""))?.value;
  if (!value) return rows;
  const direction = by.startsWith("-") ? -1 : 1;
  return [...rows].sort((a, b) => compare(value(a), value(b), direction));
}

function Head<T>({
  column,
  by,
  param,
}: {
  readonly column: Column<T>;
  readonly by: string;
  readonly param: string;
}) {
  const { key, head, title, isNumber, value } = column;
  const direction = by === key ? "ascending" : by === `-${key}` ? "descending" : undefined;
  const next = direction === "ascending" ? `-${key}` : key;
  return (
    <th scope="col" class={isNumber ? "n" : undefined} aria-sort={direction} title={title}>
      {value ? (
        <button type="button" class="sort" onClick={() => setQuery({ [param]: next })}>
          {head}
        </button>
      ) : (
        head
      )}
    </th>
  );
}

/** A table. Its first column is the head of each row. */
export function Table<T>({
  rows,
  columns,
  rowKey,
  caption,
  param = "sort",
  isCurrent,
}: {
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly rowKey: (row: T) => string;
  /** Names the table to those who cannot see it. */
  readonly caption: string;
  /** Parameter of the address that holds the order. */
  readonly param?: string;
  readonly isCurrent?: (row: T) => boolean;
}) {
  const by = useRoute().query.get(param) ?? "";
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard
    <section class="table" aria-label={caption} tabIndex={0}>
      <table>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.key} column={column} by={by} param={param} />
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted(rows, columns, by).map((row) => (
            <tr key={rowKey(row)} class={isCurrent?.(row) ? "current" : undefined}>
              {columns.map(({ key, isNumber, cell }, i) =>
                i === 0 ? (
                  <th key={key} scope="row" class={isNumber ? "n" : undefined}>
                    {cell(row)}
                  </th>
                ) : (
                  <td key={key} class={isNumber ? "n" : undefined}>
                    {cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
