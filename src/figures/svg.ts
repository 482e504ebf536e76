/**
 * @file SVG as text: elements, numbers and escaping, for what is drawn without Plot. Also what all
 *   figures share: their words, width and size of text.
 */

/** Attributes; undefined ones are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** What a figure says to those who cannot see it. */
export interface FigureWords {
  readonly title: string;
  readonly description: string;
}

/**
 * Width of every figure in its own units. A figure fills its column: 300 CSS pixels on a phone, 500
 * on a desk. A unit is then a pixel or a little less or more.
 */
export const FIGURE_WIDTH = 400;

/**
 * Size of text in figure units; layouts leave room for it, pages with room may show it smaller (see
 * `FIGURE_CSS`).
 */
export const FONT_SIZE = 13;

/**
 * XML has no place for these characters, even escaped; bidirectional controls would turn the text
 * around them.
 */
const FORBIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** The text as it is shown: characters that XML forbids become �. */
export function printable(text: string): string {
  return text.replace(FORBIDDEN, "\ufffd");
}

/** Text that is safe inside an element or a quoted attribute, of SVG and of HTML. */
export function escapeText(text: string): string {
  return printable(text).replace(/[&<>"']/g, (c) => ENTITIES[c]!);
}

/**
 * A coordinate with at most two decimals, a hundredth of a pixel.
 *
 * @throws {RangeError} for NaN and infinities: a figure that lets one through is wrong.
 */
export function coordinate(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is not a coordinate.`);
  return String(Math.round(value * 100) / 100 || 0);
}

/** One element with its end, which HTML wants; `content` is markup already. */
export function element(
  name: string,
  attributes: Attributes = {},
  content: string | readonly string[] = "",
): string {
  let open = name;
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined)
      open += ` ${key}="${typeof value === "number" ? coordinate(value) : escapeText(value)}"`;
  const inside = typeof content === "string" ? content : content.join("");
  return `<${open}>${inside}</${name}>`;
}

/** A tooltip, as a child of what it belongs to. */
export function tooltip(text: string): string {
  return `<title>${escapeText(text)}</title>`;
}

/** A short stable identifier of a text (FNV-1a), so that equal figures have equal bytes. */
export function identifier(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36);
}
