/**
 * @file The links of a directory page and the text after each, found in one pass without a tree.
 */

import { Parser } from "htmlparser2";

export interface HtmlLink {
  /** As written, with character references decoded. */
  readonly href: string;
  /**
   * Text between this link's end and the next link, or the end of the page. A tag that begins there
   * parts words.
   */
  readonly after: string;
}

/** The links of a page in order. It ends for any input. */
export function htmlLinks(html: string): HtmlLink[] {
  const links: { href: string; after: string }[] = [];
  let isInside = false;
  let isShown = true;
  const add = (text: string) => {
    const last = links.at(-1);
    if (last && !isInside && isShown) last.after += text;
  };
  const parser = new Parser({
    onopentag(name, { href }) {
      if (name === "script" || name === "style") isShown = false;
      if (name === "a" && href !== undefined) {
        links.push({ href: href.trim(), after: "" });
        isInside = true;
      } else add(" ");
    },
    ontext: add,
    onclosetag(name) {
      if (name === "script" || name === "style") isShown = true;
      if (name === "a") isInside = false;
    },
  });
  parser.end(html);
  return links;
}
