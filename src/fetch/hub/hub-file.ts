/**
 * @file Downloads one file from a Hugging Face hub. What the hub says of a file (its size, and a
 *   checksum as its etag) comes with the answer of the hub itself. For large files that redirects
 *   to where their bytes lie.
 */

import { ConcordError } from "../../errors.ts";
import type { CatalogueOptions } from "../catalogue-options.ts";
import { checksumOf } from "../checksums.ts";
import { FileProblem } from "../download-file.ts";
import { HttpStatusError, persistently } from "../http/retry.ts";
import { type FileServer, fetchFile, fileServer } from "../one-file.ts";

/** A repository of models, SAEs or texts, at a revision. */
export interface HubRepository {
  /** Default: `models`, which SAEs are among. */
  readonly kind?: "models" | "datasets";
  /** `org/name`. */
  readonly id: string;
  readonly revision: string;
}

const HUB = "https://huggingface.co";

/** The hub, by its address, and how it is asked. */
export function hubServer(options: CatalogueOptions): FileServer & { readonly root: URL } {
  const root = new URL(`${(options.hubUrl ?? HUB).replace(/\/+$/, "")}/`);
  return { root, ...fileServer(root, options, options.accessToken) };
}

interface RemoteFile {
  readonly bytes: number | undefined;
  /** Without quotes: SHA-256 of large files, git's SHA-1 of small ones. */
  readonly etag: string;
}

function fileUrl(root: URL, { kind, id, revision }: HubRepository, path: string): URL {
  const prefix = kind === "datasets" ? "datasets/" : "";
  return new URL(`${prefix}${id}/resolve/${encodeURIComponent(revision)}/${pathInUrl(path)}`, root);
}

/** A path with what has a meaning in addresses escaped. */
export function pathInUrl(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** Asks the hub about a file; undefined when the repository has no such file. */
async function lookUp({ client, policy }: FileServer, url: URL): Promise<RemoteFile | undefined> {
  const ask = async (): Promise<RemoteFile> => {
    const answer = await client.open(url, {
      mayLeave: true,
      headers: { Range: "bytes=0-0" },
      isAnswer: (headers) => headers.has("x-linked-etag"),
    });
    answer.discard();
    const { headers } = answer;
    const [, ofRange] = /\/(\d+)$/.exec(headers.get("content-range") ?? "") ?? [];
    const bytes = Number(headers.get("x-linked-size") ?? ofRange ?? Number.NaN);
    const etag = headers.get("x-linked-etag") ?? headers.get("etag") ?? "";
    return {
      bytes: Number.isSafeInteger(bytes) ? bytes : undefined,
      etag: etag.replace(/^W\//, "").replaceAll('"', ""),
    };
  };
  try {
    return await persistently(`reach ${url.href}`, ask, policy);
  } catch (error) {
    const isMissing = error instanceof HttpStatusError && error.status === 404;
    if (isMissing && error.headers.get("x-error-code") === "EntryNotFound") return undefined;
    throw error;
  }
}

/** Whether a file is what its etag says; undefined when the etag is not a checksum. */
function checkOf(etag: string) {
  const isSha256 = /^[0-9a-f]{64}$/.test(etag);
  if (!isSha256 && !/^[0-9a-f]{40}$/.test(etag)) return undefined;
  return async (path: string, bytes: number): Promise<string | undefined> => {
    const found = isSha256
      ? await checksumOf(path, "sha256", "hex")
      : await checksumOf(path, "sha1", "hex", `blob ${bytes}\0`);
    return found === etag ? undefined : "with a wrong checksum";
  };
}

/** The error for a repository that the hub does not show; others pass through. */
export function explainStatus(
  error: unknown,
  { kind, id, revision }: HubRepository,
  hub: URL,
): unknown {
  if (!(error instanceof HttpStatusError)) return error;
  const what = kind === "datasets" ? "dataset" : "model";
  return new ConcordError(
    "network/failed",
    `${hub.origin} has no ${what} "${id}" at ${revision} that it would show (HTTP ${error.status}).`,
    { cause: error, hint: `check the name; gated and private ${what}s need an access token` },
  );
}

/** Turns what went wrong into words. Errors of ours pass through. */
function explain(error: unknown, what: string, repository: HubRepository, hub: URL): unknown {
  if (error instanceof FileProblem)
    return new ConcordError(
      "network/failed",
      `${what} arrived ${error.message} and was thrown away.`,
      {
        cause: error,
        hint: "run the same command again; if it happens twice, something between here and the hub changes files",
      },
    );
  return explainStatus(error, repository, hub);
}

/**
 * Downloads a file of a repository to `target`.
 *
 * @returns False when the repository has no such file.
 * @throws {ConcordError} `network/failed` after `attempts` tries in a row that brought nothing new;
 *   what was received stays and the next call goes on from there. `interrupted`, `file/io`.
 */
export async function downloadHubFile(
  repository: HubRepository,
  path: string,
  target: string,
  options: CatalogueOptions,
): Promise<boolean> {
  const { root, ...server } = hubServer(options);
  const what = `${repository.id}/${path}`;
  const url = fileUrl(root, repository, path);
  try {
    const remote = await lookUp(server, url);
    if (!remote) return false;
    const check = checkOf(remote.etag);
    const file = { url, target, sha256: undefined, ...(check && { check }) };
    await fetchFile(server, file, what, remote.bytes, options);
    return true;
  } catch (error) {
    throw explain(error, what, repository, root);
  }
}
