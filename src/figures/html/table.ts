/** @file Tables of numbers: right-aligned, each with its exact value beside the rounded one. */

import { fixed } from "../number-text.ts";
import { CATEGORIES } from "../palette.ts";
import { type Content, html, type Markup, raw } from "./html.ts";

export interface Column<Row> {
  readonly head: Content;
  /** Small print under the head: unit, direction. */
  readonly sub?: string | undefined;
  /** What stands in the column's cells. */
  readonly cell: (row: Row) => Content;
  /** "number": to the right; "null": a number that only says what chance would show. */
  readonly kind?: "text" | "number" | "null";
}

function cellClass(kind: Column<unknown>["kind"]): Markup {
  if (kind === "number") return raw(' class="n"');
  return raw(kind === "null" ? ' class="n null"' : "");
}

/**
 * A table that scrolls sideways where it does not fit; the first column names the rows.
 *
 * @param sortable Whether its heads sort it, on a page with `SORT_SCRIPT`.
 */
export function table<Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  sortable = false,
): Markup {
  const head = columns.map(
    ({ head, sub, kind }) =>
      html`<th scope="col"${cellClass(kind)}>${head}${sub !== undefined && html`<span class="sub">${sub}</span>`}</th>`,
  );
  const body = rows.map(
    (row) =>
      html`<tr>${columns.map(({ cell, kind }, i) =>
        i === 0
          ? html`<th scope="row"${cellClass(kind)}>${cell(row)}</th>`
          : html`<td${cellClass(kind)}>${cell(row)}</td>`,
      )}</tr>
`,
  );
  return html`<p class="caption">${caption}</p>
<div class="table" role="region" tabindex="0" aria-label="${caption}"><table aria-label="${caption}"${sortable && raw(' data-sortable=""')}>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody>
</table></div>
`;
}

/** A rounded number that carries its exact value. */
export function numberCell(value: number | null | undefined, decimals: number): Content {
  return exactly(value, fixed(value, decimals));
}

/** A text that carries the exact value it stands for. */
export function exactly(value: number | null | undefined, text: string): Content {
  if (typeof value !== "number" || !Number.isFinite(value)) return text;
  return html`<data value="${String(value)}">${text}</data>`;
}

/** A name after the dot of its series's colour. */
export function seriesName(name: string, series: number): Markup {
  return html`<span class="series"><span class="dot" style="background:var(--fig-c${series % CATEGORIES})"></span>${name}</span>`;
}

/** Short facts, side by side where there is room. */
export function facts(items: readonly (readonly [string, Content])[]): Markup {
  return html`<dl class="facts">${items.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
`;
}

/** A list of words and what they mean. */
export function definitions(items: readonly (readonly [Content, Content])[]): Markup {
  return html`<dl class="words">${items.map(([term, meaning]) => html`<dt>${term}</dt><dd>${meaning}</dd>`)}</dl>
`;
}
