/**
 * @file features.csv: a line per latent of one member, with what tables and plots need of it, and
 *   the rule that predicts it best. Fields are quoted as RFC 4180 has it; lines end with `\n`.
 */

import { csvField } from "../../formats/text/csv-field.ts";
import type { LatentCard, LatentColumns } from "../card.ts";
import { rounded } from "./token-examples.ts";

/** The columns; a cell is empty where the latent has no such number, or no rule. */
export const FEATURE_COLUMNS = [
  "member",
  "latent",
  "label",
  "density",
  "max",
  "mean",
  "alignment",
  "found_in",
  "compared_with",
  "mean_cosine",
  "null_cosine",
  "truth",
  "map_x",
  "map_y",
  "rule_kind",
  "rule",
  "rule_precision",
  "rule_recall",
] as const;

/**
 * Text that a spreadsheet shows instead of computing it. Excel, LibreOffice and Google Sheets take
 * a cell that begins with =, +, -, @, a tab or a line break for a formula, quoted or not. An
 * apostrophe before it makes it text, as OWASP's "CSV Injection" advises. A program that reads the
 * file sees the apostrophe too. A spreadsheet that splits cells at semicolons is not covered.
 */
export function harmlessText(text: string): string {
  return /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
}

function number(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value)
    ? ""
    : String(rounded(value));
}

function text(value: string | undefined): string {
  // A NUL ends the file for some readers of CSV.
  return harmlessText((value ?? "").replaceAll("\0", "␀"));
}

/** The line with the names of the columns. */
export function featuresCsvHead(): string {
  return `${FEATURE_COLUMNS.join(",")}\n`;
}

/** The line of one latent. */
export function featuresCsvLine(columns: LatentColumns, card: LatentCard): string {
  const at = card.latent;
  const [rule] = card.rules;
  const cells: Readonly<Record<(typeof FEATURE_COLUMNS)[number], string>> = {
    member: text(columns.member),
    latent: String(at),
    label: text(columns.label[at]),
    density: number(columns.density[at]),
    max: number(columns.max[at]),
    mean: number(columns.mean[at]),
    alignment: number(columns.alignment[at]),
    found_in: number(columns.found_in[at]),
    compared_with: number(card.recurrence?.of),
    mean_cosine: number(columns.mean_cosine[at]),
    null_cosine: number(card.recurrence?.null_cosine),
    truth: number(columns.truth?.[at]),
    map_x: number(columns.map?.x[at]),
    map_y: number(columns.map?.y[at]),
    rule_kind: text(rule?.kind),
    rule: text(rule?.text),
    rule_precision: number(rule?.precision),
    rule_recall: number(rule?.recall),
  };
  return `${FEATURE_COLUMNS.map((name) => csvField(cells[name])).join(",")}\n`;
}

/** What of the evidence the table has no column for. */
export const CSV_LEFT_OUT = [
  "The table has no examples, logits, partners, histograms, pictures, and only the best rule.",
] as const;
