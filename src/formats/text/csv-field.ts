/** @file Fields of CSV files that Concord writes. */

/** A field as RFC 4180 has it: in quotes where it holds a comma, a quote or a line break. */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
