/**
 * @file From folders of a dataset to all files below them, page by page, with an end even where the
 *   server has none.
 */

import { ConcordError } from "../../errors.ts";
import { showName } from "../../formats/show-name.ts";
import type { HttpClient } from "../http/client.ts";
import { HttpStatusError, persistently, type RetryPolicy } from "../http/retry.ts";
import type { DatasetEvent } from "../options.ts";
import { nameProblem } from "./entry-name.ts";
import { type IndexPage, type ListedSize, readIndexPage } from "./index-page.ts";

/** A file of the dataset. */
export interface ListedFile {
  /** From the dataset's folder, with `/`. */
  readonly path: string;
  readonly url: URL;
  readonly size: ListedSize | undefined;
}

/** Something that is not fetched, and why. */
export interface Problem {
  readonly path: string;
  readonly reason: string;
}

export interface Listing {
  /** By path. */
  readonly files: readonly ListedFile[];
  readonly problems: readonly Problem[];
}

export interface WalkOptions {
  /** The dataset's folder. */
  readonly root: URL;
  readonly paths: readonly string[];
  readonly policy: RetryPolicy;
  readonly onEvent: ((event: DatasetEvent) => void) | undefined;
}

/**
 * Generous for people's folders (a large archive has 70 000 files, five deep), finite for a server
 * that invents them.
 */
const MAX_DEPTH = 16;
const MAX_ENTRIES = 500_000;
const MAX_PAGE_BYTES = 32 * 2 ** 20;

interface Folder {
  /** With a slash at its end; empty for the dataset's own. */
  readonly path: string;
  readonly url: URL;
  /** What the pages above said, to notice a folder that holds itself. */
  readonly above: readonly string[];
  /** Whether the person asked for it by name. */
  readonly isAsked: boolean;
  /** Only the entry of this name. */
  readonly only?: string;
}

/**
 * Lists everything below `paths`. A path without a slash at its end may be a file or a folder: the
 * folder around it is asked.
 *
 * @throws {ConcordError} `argument/invalid` for a path that leads out of the dataset;
 *   `file/missing` for one that is not there; `network/failed`, also for a listing without end;
 *   `interrupted`.
 */
export async function walk(client: HttpClient, options: WalkOptions): Promise<Listing> {
  const files = new Map<string, ListedFile>();
  const problems: Problem[] = [];
  const visited = new Set<string>();
  const waiting = options.paths.map((path) => askedFolder(path, options.root)).reverse();
  let seen = 0;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (folder.only === undefined) {
      if (visited.has(folder.path)) continue;
      visited.add(folder.path);
    }
    const page = await readPage(client, folder, options.policy, problems);
    if (page === undefined) continue;
    const at = folder.path;
    for (const { link, reason } of page.refused) problems.push({ path: at + link, reason });
    const all = page.entries;
    const wanted = folder.only === undefined ? all : all.filter((e) => e.name === folder.only);
    if (folder.only !== undefined && wanted.length === 0) throw missing(at + folder.only);
    seen += wanted.length;
    if (seen > MAX_ENTRIES)
      throw new ConcordError(
        "network/failed",
        `More than ${MAX_ENTRIES} files and folders are listed; the listing may have no end.`,
        { hint: "Name smaller folders." },
      );
    const signature = JSON.stringify(all.map(({ name, isFolder, size }) => [name, isFolder, size]));
    if (all.length > 0 && folder.above.includes(signature)) {
      problems.push({ path: at, reason: "the folder lists the same as one above it: a loop" });
      continue;
    }
    const folders: Folder[] = [];
    for (const { name, isFolder, url, size } of wanted) {
      const path = at + name;
      if (!isFolder) files.set(path, { path, url, size });
      else if (folder.above.length + 1 >= MAX_DEPTH)
        problems.push({ path, reason: `it is more than ${MAX_DEPTH} folders deep` });
      else {
        const above = folder.only === undefined ? [...folder.above, signature] : [];
        folders.push({ path: `${path}/`, url, above, isAsked: folder.only !== undefined });
      }
    }
    for (const below of folders.reverse()) waiting.push(below);
    options.onEvent?.({ kind: "listed", folders: visited.size, files: files.size });
  }
  const byPath = [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files: byPath, problems };
}

/** The folder that answers for a path a person typed. */
function askedFolder(path: string, root: URL): Folder {
  const segments = path.split("/").filter((segment) => segment !== "" && segment !== ".");
  const bad = segments.find((segment) => nameProblem(segment) !== undefined);
  if (bad !== undefined || path.startsWith("/"))
    throw new ConcordError(
      "argument/invalid",
      `Expected a path within the dataset but received "${showName(path)}".`,
      { hint: "Paths are relative to the dataset's own folder, for example subject-1/session-2/." },
    );
  const last = segments.at(-1);
  const only = last === undefined || path.endsWith("/") ? undefined : last;
  const folder = only === undefined ? segments : segments.slice(0, -1);
  const encoded = folder.map((segment) => `${encodeURIComponent(segment)}/`).join("");
  return {
    path: folder.map((segment) => `${segment}/`).join(""),
    url: new URL(encoded, root),
    above: [],
    isAsked: true,
    ...(only === undefined ? {} : { only }),
  };
}

function missing(path: string): ConcordError {
  return new ConcordError(
    "file/missing",
    `The dataset has no ${showName(path) || "such folder"}.`,
    {
      hint: "List its parent folder to see what exists (dry run).",
    },
  );
}

/** Reads one page; a folder that cannot be seen is a problem unless it was asked for. */
async function readPage(
  client: HttpClient,
  folder: Folder,
  policy: RetryPolicy,
  problems: Problem[],
): Promise<IndexPage | undefined> {
  try {
    return await persistently(`list ${folder.url.href}`, () => readOnce(client, folder), policy);
  } catch (error) {
    if (!(error instanceof HttpStatusError)) throw error;
    const { status } = error;
    if (!folder.isAsked) {
      problems.push({ path: folder.path, reason: `the folder cannot be listed (HTTP ${status})` });
      return undefined;
    }
    if (status === 404 || status === 410) throw missing(folder.path);
    throw new ConcordError("network/failed", `Cannot list ${folder.url.href}: HTTP ${status}.`, {
      cause: error,
      hint: "Open the address in a browser; the server may not show this folder.",
    });
  }
}

async function readOnce(client: HttpClient, { url, path }: Folder): Promise<IndexPage> {
  const answer = await client.open(url, { mayLeave: false });
  const type = answer.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "text/html" && type !== "application/xhtml+xml") {
    answer.discard();
    throw new ConcordError(
      "network/failed",
      `${url.href} is not a directory page but ${type ?? "of no known type"}.`,
      { hint: `If ${showName(path)} is a file, leave out the slash at its end.` },
    );
  }
  if (answer.url.pathname !== url.pathname) {
    answer.discard();
    throw new ConcordError(
      "network/failed",
      `Cannot list ${url.href}: it is redirected to ${answer.url.href}.`,
      { hint: "Name that folder instead." },
    );
  }
  return readIndexPage(await readText(answer.chunks(), url), url);
}

/** A whole text of bounded length. */
export async function readText(chunks: AsyncIterable<Uint8Array>, url: URL): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.byteLength;
    if (bytes > MAX_PAGE_BYTES)
      throw new ConcordError(
        "network/failed",
        `${url.href} is larger than ${MAX_PAGE_BYTES / 2 ** 20} MiB, too large for a list of files.`,
      );
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
