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

const ESCAPE = "\u001b";
/** Bold, inverse, and the ends of both. */
const BRIGHTNESS = new RegExp(`(${ESCAPE}\\[(?:1|7|22|27)m)`);

/** Writes to a terminal; brightness stays, and nothing else that could steer it. */
export function printShaded(text: string): void {
  const parts = text.split(BRIGHTNESS);
  process.stdout.write(parts.map((p, i) => (i % 2 ? p : escapeControls(p, "\n\t"))).join(""));
}

/** Writes to standard error. */
export function say(text: string): void {
  process.stderr.write(escapeControls(text, "\n\t"));
}

/** Writes `warning: …` to standard error. */
export function warn(text: string): void {
  say(`warning: ${text}\n`);
}
