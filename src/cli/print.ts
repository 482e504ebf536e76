/**
 * @file The only place that writes to the terminal. Text may hold names from files: labels,
 *   tokens, configs, dtypes. Whatever could steer a terminal is shown as an escape, so no caller
 *   has to know where its text came from.
 */

import { escapeControls } from "../formats/show-name.ts";

/**
 * Writes to standard output. In JSON the escapes that are shown are JSON's own, so it reads back as
 * it was.
 */
export function print(text: string): void {
  process.stdout.write(escapeControls(text, "\n\t"));
}

/** Writes to standard error. */
export function say(text: string): void {
  process.stderr.write(escapeControls(text, "\n\t"));
}

/** Writes `warning: …` to standard error. */
export function warn(text: string): void {
  say(`warning: ${text}\n`);
}
