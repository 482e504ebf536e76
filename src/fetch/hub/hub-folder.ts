/** @file What a folder of a repository of the Hugging Face hub holds. */

import { ConcordError } from "../../errors.ts";
import type { CatalogueOptions } from "../catalogue-options.ts";
import { HttpStatusError, persistently } from "../http/retry.ts";
import { readText } from "../listing/walk.ts";
import { explainStatus, type HubRepository, hubServer, pathInUrl } from "./hub-file.ts";

/** The names in a folder. */
export interface HubFolder {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  /** Of the files, by name, as far as the hub says. */
  readonly bytes: ReadonlyMap<string, number>;
}

/** Pages of a listing; each has up to a thousand names. */
const PAGES_MAX = 100;

interface Page {
  readonly entries: readonly {
    readonly path: string;
    readonly type: string;
    readonly size?: unknown;
  }[];
  /** Address of the page that follows. */
  readonly next: string | undefined;
}

function parsePage(text: string, url: URL): Page["entries"] {
  const fail = () =>
    new ConcordError("network/failed", `${url.href} is not a list of files of the hub.`, {
      hint: "A login page or a proxy may be in the way; open the address in a browser.",
    });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw fail();
  }
  const isEntry = (item: unknown): item is Page["entries"][number] => {
    const { path, type } = (item ?? {}) as { path?: unknown; type?: unknown };
    return typeof path === "string" && typeof type === "string";
  };
  if (!Array.isArray(json) || !json.every(isEntry)) throw fail();
  return json;
}

/**
 * Lists a folder of a repository.
 *
 * @param path Folder in the repository, without slashes at its ends; "" for all of it.
 * @returns Undefined when the repository has no such folder.
 * @throws {ConcordError} `network/failed`, `interrupted`.
 */
export async function listHubFolder(
  repository: HubRepository,
  path: string,
  options: CatalogueOptions,
): Promise<HubFolder | undefined> {
  const { root, client, policy } = hubServer(options);
  const { kind = "models", id, revision } = repository;
  const read = async (url: URL): Promise<Page> => {
    const answer = await client.open(url, { mayLeave: false });
    const entries = parsePage(await readText(answer.chunks(), url), url);
    const [, next] = /<([^>]+)>;\s*rel="next"/.exec(answer.headers.get("link") ?? "") ?? [];
    return { entries, next };
  };
  const files: string[] = [];
  const folders: string[] = [];
  const bytes = new Map<string, number>();
  const start = `api/${kind}/${id}/tree/${encodeURIComponent(revision)}/${pathInUrl(path)}`;
  let url: URL | undefined = new URL(start.replace(/\/$/, ""), root);
  try {
    for (let page = 0; url !== undefined && page < PAGES_MAX; page++) {
      const at: URL = url;
      const { entries, next } = await persistently(`reach ${at.href}`, () => read(at), policy);
      for (const entry of entries) {
        const name = entry.path.slice(path === "" ? 0 : path.length + 1);
        // A file's own address lists the file alone.
        if (name === "" || name.includes("/")) continue;
        (entry.type === "directory" ? folders : files).push(name);
        if (typeof entry.size === "number") bytes.set(name, entry.size);
      }
      url = next === undefined ? undefined : new URL(next, root);
    }
  } catch (error) {
    const isMissing = error instanceof HttpStatusError && error.status === 404;
    if (isMissing && error.headers.get("x-error-code") === "EntryNotFound") return undefined;
    throw explainStatus(error, repository, root);
  }
  return files.length + folders.length === 0 ? undefined : { files, folders, bytes };
}
