/**
 * @file A page with placeholders: `{{mean none fvu}}`, `{{claim k is lower | fits better}}`.
 *   Whoever renders the page decides the values of placeholders.
 */

import { ConcordError, messageOf } from "../../errors.ts";

/** A placeholder of a page. */
export interface Placeholder {
  /** Its first word. */
  readonly kind: string;
  /** The words behind it. */
  readonly words: readonly string[];
  /** What follows the first bar, if there is one. */
  readonly text: string | undefined;
  readonly line: number;
}

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}

function parsed(body: string, line: number): Placeholder {
  const bar = body.indexOf("|");
  const head = bar < 0 ? body : body.slice(0, bar);
  const [kind = "", ...words] = head.trim().split(/\s+/);
  return { kind, words, line, text: bar < 0 ? undefined : body.slice(bar + 1).trim() };
}

/** All placeholders of a page, in their order. */
export function placeholdersOf(text: string): Placeholder[] {
  return [...text.matchAll(PLACEHOLDER)].map((match) =>
    parsed(match[1]!, lineOf(text, match.index)),
  );
}

/**
 * A page with every placeholder replaced.
 *
 * @param where Names the page in messages.
 * @param replace What stands in a placeholder's place.
 * @throws {ConcordError} `format/invalid` where `replace` refuses, with the page and its line in
 *   front; for braces that are not closed.
 */
export function renderTemplate(
  text: string,
  where: string,
  replace: (placeholder: Placeholder) => string,
): string {
  const page = text.replace(PLACEHOLDER, (whole, body: string, at: number) => {
    const placeholder = parsed(body, lineOf(text, at));
    try {
      return replace(placeholder);
    } catch (error) {
      if (!(error instanceof ConcordError)) throw error;
      throw new ConcordError(
        "format/invalid",
        `${where}:${placeholder.line}: ${whole.replace(/\s+/g, " ")}: ${messageOf(error)}`,
        { cause: error, ...(error.hint === undefined ? {} : { hint: error.hint }) },
      );
    }
  });
  const open = text.replace(PLACEHOLDER, (whole) => " ".repeat(whole.length)).indexOf("{{");
  if (open >= 0)
    throw new ConcordError(
      "format/invalid",
      `${where}:${lineOf(text, open)}: expected }} behind {{ but found none.`,
    );
  return page;
}
