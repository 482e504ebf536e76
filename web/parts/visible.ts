/** @file Text of tokens made visible: what has no shape of its own gets one. */

/** Control characters of either set, and characters that turn the direction of writing. */
const HIDDEN = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

const SHAPES: Readonly<Record<string, string>> = { "\n": "↵", "\t": "⇥", "\r": "␍" };

function shape(character: string): string {
  const known = SHAPES[character];
  if (known !== undefined) return known;
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return `\\u${code.toString(16).padStart(4, "0")}`;
}

/**
 * `text` with control characters as symbols: ↵ for a line break, ␀ for the code 0, \u202e for one
 * that turns the direction of writing.
 */
export function visible(text: string): string {
  return text.replace(HIDDEN, shape);
}

/** A token that stands alone: spaces at its ends are visible as well. */
export function visibleToken(text: string): string {
  if (text === "") return "∅";
  return visible(text)
    .replace(/^ +/, (spaces) => "␣".repeat(spaces.length))
    .replace(/(?<=[^␣]) +$/, (spaces) => "␣".repeat(spaces.length))
    .replace(/^ +$/, (spaces) => "␣".repeat(spaces.length));
}
