/**
 * @file The links of a directory page and the text behind each. Directory pages are flat: what matters is the order of anchors and
 * text, so this reads tags and text in one pass and builds no tree. Comments, scripts and styles are passed over; any input ends.
 */

export interface HtmlLink {
  /** As written, with character references decoded. */
  readonly href: string;
  /** Text between this link's end and the next link, or the end of the page. */
  readonly after: string;
}

const NAMED: Readonly<Record<string, string>> = {
  ...{ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" },
};

/** Character references: the five of XML, the space of tables, and numbers. Others stay as they are. */
function decode(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(\w{2,4}));/g,
    (whole, ten, hex, name) => {
      if (name !== undefined) return NAMED[name] ?? whole;
      const code = ten === undefined ? Number.parseInt(hex, 16) : Number(ten);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

interface Tag {
  /** In lower case, with the slash of an end tag. */
  readonly name: string;
  readonly href: string | undefined;
  /** One past the tag. */
  readonly end: number;
}

/** The beginning of a tag at the position of the expression. */
const TAG_NAME = /<(\/?[a-zA-Z][^\s/>]*)/y;

/** An attribute at the position of the expression: name, then a value in either quote or in none. */
const ATTRIBUTE = /[\s/]*([^\s/>=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']*)))?/y;

/** The tag that begins at `start`; undefined when the page ends in it. */
function readTag(html: string, start: number): Tag | undefined {
  TAG_NAME.lastIndex = start;
  const found = TAG_NAME.exec(html);
  if (found === null) return { name: "", href: undefined, end: start + 1 };
  let href: string | undefined;
  let at = TAG_NAME.lastIndex;
  for (;;) {
    ATTRIBUTE.lastIndex = at;
    const attribute = ATTRIBUTE.exec(html);
    if (attribute === null) break;
    const [, key = "", double, single, bare] = attribute;
    if (key.toLowerCase() === "href") href ??= double ?? single ?? bare ?? "";
    at = ATTRIBUTE.lastIndex;
  }
  const end = html.indexOf(">", at);
  return end === -1 ? undefined : { name: found[1]!.toLowerCase(), href, end: end + 1 };
}

/** Where the text of a page that is passed over ends: a comment, a declaration, a script. */
function skipTo(html: string, what: string, from: number): number {
  const at = html.indexOf(what, from);
  return at === -1 ? html.length : at + what.length;
}

/** The links of a page in their order. */
export function htmlLinks(html: string): HtmlLink[] {
  const links: { href: string; after: string }[] = [];
  const lower = html.toLowerCase();
  let isInside = false;
  const text = (from: number, to: number) => {
    const last = links.at(-1);
    if (last && !isInside) last.after += html.slice(from, to);
  };
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf("<", at);
    text(at, open === -1 ? html.length : open);
    if (open === -1) break;
    if (html.startsWith("<!--", open)) {
      at = skipTo(html, "-->", open + 4);
      continue;
    }
    if (html[open + 1] === "!" || html[open + 1] === "?") {
      at = skipTo(html, ">", open);
      continue;
    }
    const tag = readTag(html, open);
    if (tag === undefined) break;
    if (tag.name === "") text(open, tag.end);
    if (tag.name === "a" && tag.href !== undefined) {
      links.push({ href: decode(tag.href.trim()), after: "" });
      isInside = true;
    }
    if (tag.name === "/a") isInside = false;
    // Cells and line breaks part words.
    else if (tag.name !== "") appendSpace(links, isInside);
    at = tag.end;
    if (tag.name === "script" || tag.name === "style") at = skipTo(lower, `</${tag.name}`, at);
  }
  return links.map(({ href, after }) => ({ href, after: decode(after) }));
}

function appendSpace(links: { after: string }[], isInside: boolean): void {
  const last = links.at(-1);
  if (last && !isInside) last.after += " ";
}
