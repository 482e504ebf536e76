/**
 * @file How wide a text is, without a screen to measure it on: an estimate that is rather too wide,
 *   so that layouts hold.
 */

import { FONT_SIZE, printable } from "./svg.ts";

/**
 * Widths in em, those of wide system fonts (Verdana, DejaVu Sans); most fonts are a tenth narrower.
 */
function characterWidth(character: string): number {
  if ("iIjl|!.,:;'".includes(character)) return 0.37;
  if ("ft()[]/ r-·".includes(character)) return 0.43;
  if ("mwMW@%".includes(character)) return 0.97;
  if (/[A-Z]/.test(character)) return 0.72;
  if (/[a-z0-9]/.test(character)) return 0.63;
  if (/[⁰¹²³⁴-⁹⁻]/.test(character)) return 0.42;
  return (character.codePointAt(0) ?? 0) > 0x2e80 ? 1.05 : 0.84;
}

/** Estimated width of a text in figure units. */
export function textWidth(text: string, fontSize = FONT_SIZE): number {
  let em = 0;
  for (const character of printable(text)) em += characterWidth(character);
  return em * fontSize;
}

/** Estimated width of a strong text, which is wider. */
export function strongWidth(text: string): number {
  return 1.13 * textWidth(text);
}

/** The text with its line breaks and runs of white space as single spaces. */
export function oneLine(text: string): string {
  return text.replace(/[\t\n\v\f\r\u2028\u2029 ]+/g, " ");
}

/**
 * The text in one line, or as much of it as fits `width`. An ellipsis replaces its middle, because
 * names differ at their ends.
 */
export function shortened(text: string, width: number): string {
  const line = oneLine(text);
  if (textWidth(line) <= width) return line;
  const characters = [...printable(line)];
  for (let keep = characters.length - 1; keep > 1; keep--) {
    const tail = Math.ceil(keep / 2);
    const short = `${characters.slice(0, keep - tail).join("")}…${characters.slice(-tail).join("")}`;
    if (textWidth(short) <= width) return short;
  }
  return "…";
}
