/** @file Tables of a study's page, as Markdown. */

import { fixed } from "../../figures/number-text.ts";
import { intervalText, styleOf } from "./number-words.ts";
import type { StudyColumn, StudyRow, StudyTable } from "./study.ts";
import type { StudyResults } from "./study-results.ts";

/** A cell of Markdown: bars in it would end the cell. */
const escaped = (text: string) => text.replaceAll("|", "\\|").replace(/\s*\n\s*/g, " ");

/** A table as Markdown. @param textColumns Columns in front that are text; the rest are numbers. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  textColumns = 1,
): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(" | ")} |`;
  const rule = head.map((_, i) => (i < textColumns ? "---" : "---:")).join("|");
  return [line(head), `|${rule}|`, ...rows.map(line)].join("\n");
}

const asRow = (row: string | StudyRow): StudyRow => (typeof row === "string" ? { arm: row } : row);
const asColumn = (column: string | StudyColumn): StudyColumn =>
  typeof column === "string" ? { measure: column } : column;

/** The null of a column, where one is known: that of the first row that has one. */
function nullOf(results: StudyResults, column: StudyColumn, rows: readonly StudyRow[]) {
  if (column.change !== undefined || column.difference !== undefined) return undefined;
  const nulls = rows.flatMap((row) =>
    row.against === undefined ? (results.null(row.arm, column.measure) ?? []) : [],
  );
  return nulls[0];
}

function headOf(results: StudyResults, column: StudyColumn, rows: readonly StudyRow[]): string {
  const { change, difference, measure } = column;
  const label = results.measure(measure).label;
  const other = change ?? difference;
  if (other !== undefined) return column.head ?? `${label} vs ${results.title(other)}`;
  const chance = column.nullInCells ? undefined : nullOf(results, column, rows);
  const nulls = column.nullInCells ? " (null)" : "";
  return `${column.head ?? label}${nulls}${chance === undefined ? "" : ` (null ${fixed(chance, 3)})`}`;
}

function cellOf(results: StudyResults, column: StudyColumn, row: StudyRow): string {
  const { measure, change, difference, only } = column;
  if (only && !only.includes(row.arm)) return "";
  const own = results.measure(measure);
  if (change !== undefined)
    return row.arm === change
      ? ""
      : intervalText(results.change(row.arm, change, measure), { signed: true, percent: true });
  const other = difference ?? row.against;
  if (other !== undefined)
    return row.arm === other
      ? ""
      : intervalText(results.difference(row.arm, other, measure), styleOf(own, true));
  const text = intervalText(results.cell(row.arm, measure), styleOf(own));
  const chance = column.nullInCells ? results.null(row.arm, measure) : undefined;
  return chance === undefined ? text : `${text} (${fixed(chance, 3)})`;
}

/** A table of a study. */
export function studyTable(results: StudyResults, table: StudyTable): string {
  const rows = table.rows.map(asRow);
  const columns = table.columns.map(asColumn);
  const words = table.words ?? [];
  const head = [table.head ?? "arm", ...words];
  return markdownTable(
    [...head, ...columns.map((column) => headOf(results, column, rows))],
    rows.map((row) => [
      row.title ?? results.title(row.arm),
      ...words.map((_, i) => row.words?.[i] ?? ""),
      ...columns.map((column) => cellOf(results, column, row)),
    ]),
    head.length,
  );
}
