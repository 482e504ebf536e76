/** @file The warnings of a file as lines for a person: those that say the same become one. */

import { escapeControls } from "../../../formats/show-name.ts";
import type { EdfWarning } from "./header-fields.ts";

/**
 * A line for each message, with the first field that it is about and how many more there are.
 * Warnings that have no bearing on the samples are left out.
 *
 * @example "signal 1 of 19: digital minimum (byte 2592) and 18 more: 32767 is above the digital
 *   maximum …"
 */
export function warningLines(warnings: readonly EdfWarning[]): string[] {
  const byMessage = new Map<string, EdfWarning[]>();
  for (const warning of warnings) {
    if (warning.harmless) continue;
    const same = byMessage.get(warning.message);
    if (same) same.push(warning);
    else byMessage.set(warning.message, [warning]);
  }
  return [...byMessage].map(([message, same]) => {
    const more = same.length > 1 ? ` and ${same.length - 1} more` : "";
    const { field, offset } = same[0]!;
    return escapeControls(`${field} (byte ${offset})${more}: ${message}`);
  });
}
