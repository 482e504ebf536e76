/** @file Names that come from files, made fit for a message: they may hold anything. */

/** The longest name that is shown whole. */
const MAX_SHOWN = 80;

/**
 * Characters that steer a terminal: control characters of either set, and those that turn the
 * direction of writing.
 */
const CONTROLS = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** `text` with what could steer a terminal as `\uXXXX`, but for the characters of `keep`. */
export function escapeControls(text: string, keep = ""): string {
  return text.replace(CONTROLS, (c) =>
    keep.includes(c) ? c : `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The first `most` UTF-16 units of `text`; one less where they would end in half a character. */
export function cutTo(text: string, most: number): string {
  return text.slice(0, most).replace(/[\ud800-\udbff]$/, "");
}

/** A name on one line: line breaks and terminal escapes as `\uXXXX`, at most 80 characters. */
export function showName(name: string): string {
  return escapeControls(name.length > MAX_SHOWN ? `${cutTo(name, MAX_SHOWN)}…` : name);
}

/** The first 20 names of a list, and how many more there are. */
export function showNames(names: readonly string[]): string {
  const rest = names.length > 20 ? ` and ${names.length - 20} more` : "";
  return names.slice(0, 20).map(showName).join(", ") + rest;
}
