/** @file HTML as text, every value escaped unless it is markup already. */

import { escapeText } from "../svg.ts";

/** Markup, as opposed to text that has to be escaped. */
export interface Markup {
  readonly markup: string;
}

export type Content = string | number | undefined | false | Markup | readonly Content[];

/** Marks text as markup: SVG that a figure returned, a style sheet. */
export function raw(markup: string): Markup {
  return { markup };
}

function isMarkup(content: Content): content is Markup {
  return typeof content === "object" && "markup" in content;
}

function toMarkup(content: Content): string {
  if (content === undefined || content === false) return "";
  if (typeof content === "string") return escapeText(content);
  if (typeof content === "number") return escapeText(String(content));
  if (isMarkup(content)) return content.markup;
  return content.map(toMarkup).join("");
}

/**
 * A template whose values are escaped; lists are joined, undefined and false are nothing.
 *
 * @example html`<p title="${name}">${lines.map((l) => html`<b>${l}</b>`)}</p>`
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return raw(parts.map((part, i) => part + toMarkup(values[i])).join(""));
}
