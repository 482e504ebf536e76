/** @file Names that come from files, made fit for a message: they may hold anything. */

/** The longest name that is shown whole. */
const MAX_SHOWN = 80;

/** A name on one line: control characters (line breaks, terminal escapes) as `\uXXXX`, at most 80 characters. */
export function showName(name: string): string {
  const short = name.length > MAX_SHOWN ? `${name.slice(0, MAX_SHOWN)}…` : name;
  return onOneLine(short);
}

/** A whole name on one line: control characters (line breaks, terminal escapes) as `\uXXXX`. */
export function onOneLine(name: string): string {
  return name.replace(/\p{Cc}/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The first 20 names of a list, and how many more there are. */
export function showNames(names: readonly string[]): string {
  const rest = names.length > 20 ? ` and ${names.length - 20} more` : "";
  return names.slice(0, 20).map(showName).join(", ") + rest;
}
