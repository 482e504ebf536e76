/**
 * @file Reads the directory pages that Apache (plain, fancy, as a table) and nginx make. They tell
 *   which files and folders are in this folder, and how large those are where the page says so.
 */

import { showName } from "../../formats/show-name.ts";
import { entryName } from "./entry-name.ts";
import { htmlLinks } from "./html-links.ts";

/** Bytes as a directory page gives them. */
export interface ListedSize {
  readonly bytes: number;
  /** False for one that was rounded, as in 1.2M. */
  readonly isExact: boolean;
}

export interface IndexEntry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly url: URL;
  readonly size: ListedSize | undefined;
}

/** A link that is not followed, made safe for a message. */
export interface RefusedLink {
  readonly link: string;
  readonly reason: string;
}

export interface IndexPage {
  /** Sorted by name, each once. */
  readonly entries: readonly IndexEntry[];
  readonly refused: readonly RefusedLink[];
}

/**
 * A time of day, then a size: a plain number of bytes, or one with a unit of 1024. Folders have a
 * dash there.
 */
const SIZE = /\d{1,2}:\d{2}(?::\d{2})?\s+(\d+(?:\.\d+)?)\s?([KMGT]?)(?=\s|$)/;

function listedSize(after: string): ListedSize | undefined {
  const [, number, unit = ""] = SIZE.exec(after) ?? [];
  if (number === undefined) return undefined;
  const bytes = Math.round(Number(number) * 1024 ** " KMGT".indexOf(unit || " "));
  return Number.isSafeInteger(bytes) ? { bytes, isExact: unit === "" } : undefined;
}

/**
 * Whether a link is one of the page's own: sorting, the folder above, a style sheet, another site.
 */
function isElsewhere(url: URL, page: URL): boolean {
  if (url.origin !== page.origin || url.search !== "") return true;
  return !url.pathname.startsWith(page.pathname) || url.pathname === page.pathname;
}

/**
 * Reads a page.
 *
 * A link counts when it leads to exactly one name below the page's folder; a slash behind the name
 * makes it a folder. Links to elsewhere are none of ours. A name that could not be a file here is
 * refused and reported.
 *
 * @param page Address of the folder; ends with a slash.
 */
export function readIndexPage(html: string, page: URL): IndexPage {
  const entries = new Map<string, IndexEntry>();
  const refused: RefusedLink[] = [];
  for (const { href, after } of htmlLinks(html)) {
    if (!URL.canParse(href, page.href)) continue;
    const url = new URL(href, page);
    if (isElsewhere(url, page)) continue;
    const rest = url.pathname.slice(page.pathname.length);
    const isFolder = rest.endsWith("/");
    const segment = isFolder ? rest.slice(0, -1) : rest;
    if (segment.includes("/")) continue;
    const result = entryName(segment);
    if ("problem" in result) {
      refused.push({ link: showName(href), reason: result.problem });
      continue;
    }
    const { name } = result;
    if (url.username !== "" || url.password !== "") {
      refused.push({ link: showName(name), reason: "the link carries credentials" });
      continue;
    }
    url.hash = "";
    const size = isFolder ? undefined : listedSize(after);
    const known = entries.get(name);
    // Icons may be separate links, without the columns after them.
    if (known === undefined || (known.size === undefined && size !== undefined))
      entries.set(name, {
        name,
        isFolder: known?.isFolder ?? isFolder,
        url: known?.url ?? url,
        size,
      });
  }
  const byName = [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { entries: byName, refused };
}
