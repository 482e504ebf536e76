/**
 * @file Downloads one file from a Hugging Face hub so that a broken connection costs only what was
 *   not yet received: bytes go to `<file>.<etag>.partial`, the next attempt asks for the rest, and
 *   the checksum that the hub publishes is checked at the end.
 */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { downloadFile, fileDownloadInfo } from "@huggingface/hub";
import { ConcordError, messageOf } from "../../../errors.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { writeFully } from "../../../formats/atomic-file.ts";
import { ioError } from "../../../formats/io-error.ts";

/** A model repository at a revision. */
export interface HubRepository {
  /** `org/name`. */
  readonly id: string;
  readonly revision: string;
}

interface RemoteFile {
  readonly size: number;
  /** Without quotes: SHA-256 of large files, git's SHA-1 of small ones. */
  readonly etag: string;
  /** The bytes from `start` to the end. */
  read(start: number): Promise<ReadableStream<Uint8Array>>;
}

function access(options: CatalogueOptions) {
  const { hubUrl, accessToken } = options;
  return {
    ...(hubUrl === undefined ? {} : { hubUrl: hubUrl.replace(/\/+$/, "") }),
    ...(accessToken === undefined ? {} : { accessToken }),
  };
}

/** Asks the hub about a file; undefined when the repository has no such file. */
async function lookUp(
  { id, revision }: HubRepository,
  path: string,
  options: CatalogueOptions,
): Promise<RemoteFile | undefined> {
  const request = { repo: id, path, revision, ...access(options) };
  const info = await fileDownloadInfo(request);
  if (info === null) return undefined;
  return {
    size: info.size,
    etag: info.etag.replace(/^W\//, "").replaceAll('"', ""),
    async read(start) {
      // Plain HTTP with ranges; the chunk store's protocol could not be taken up again from a
      // partial file.
      const blob = await downloadFile({ ...request, downloadInfo: info, xet: false });
      if (!blob) throw new Error("the file has disappeared from the hub");
      return (start === 0 ? blob : blob.slice(start, info.size)).stream();
    },
  };
}

/** Answers that asking again does not change. */
function isFinal(error: unknown): boolean {
  if (error instanceof ConcordError) return true;
  return [401, 403, 404].includes((error as { statusCode?: number }).statusCode ?? 0);
}

/** Turns what the hub library throws into words. Errors of ours pass through. */
function explain(
  error: unknown,
  repository: HubRepository,
  options: CatalogueOptions,
): ConcordError {
  if (error instanceof ConcordError) return error;
  const hub = options.hubUrl ?? "https://huggingface.co";
  const status = (error as { statusCode?: number }).statusCode;
  if (isFinal(error))
    return new ConcordError(
      "network/failed",
      `${hub} has no model "${repository.id}" at ${repository.revision} that it would show (HTTP ${status}).`,
      { cause: error, hint: "check the name; gated and private models need an access token" },
    );
  const reason = messageOf((error as { cause?: unknown }).cause ?? error);
  return new ConcordError("network/failed", `Cannot reach ${hub}: ${reason}`, {
    cause: error,
    hint: "check the network, then run the same command again; received data is kept",
  });
}

/**
 * Whether a file's content has the checksum that its etag is; true when the etag is not a checksum.
 */
async function hasChecksum(path: string, size: number, etag: string): Promise<boolean> {
  const sha256 = /^[0-9a-f]{64}$/.test(etag);
  if (!sha256 && !/^[0-9a-f]{40}$/.test(etag)) return true;
  const hash = createHash(sha256 ? "sha256" : "sha1");
  if (!sha256) hash.update(`blob ${size}\0`);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest("hex") === etag;
}

/** The partial file of a target; another version of the remote file has another one. */
function partialOf(target: string, { etag }: RemoteFile): string {
  return `${target}.${etag.replace(/\W/g, "").slice(0, 16)}.partial`;
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Appends what is missing; returns when the connection ends, and throws when it breaks. */
async function receive(
  remote: RemoteFile,
  partial: string,
  handle: FileHandle,
  what: string,
  { signal, onProgress }: CatalogueOptions,
): Promise<void> {
  let at = await sizeOf(partial);
  for await (const chunk of (await remote.read(at)) as unknown as AsyncIterable<Uint8Array>) {
    if (signal?.aborted) throw new ConcordError("interrupted", "The download was interrupted.");
    if (at + chunk.byteLength > remote.size) {
      // A server that ignores ranges sends the whole file again.
      await handle.truncate(0);
      throw new Error("the server sent more than was asked for");
    }
    await writeFully(handle, chunk, at).catch((error) => {
      throw ioError(error, "write", partial);
    });
    at += chunk.byteLength;
    onProgress?.({ what, doneBytes: at, totalBytes: remote.size });
  }
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
  const { attempts = 4, retryDelayMs = 1000 } = options;
  const what = `${repository.id}/${path}`;
  let remote: RemoteFile | undefined;
  let failures = 0;
  for (;;) {
    let before = 0;
    let partial = "";
    try {
      remote ??= await lookUp(repository, path, options);
      if (!remote) return false;
      partial = partialOf(target, remote);
      before = await sizeOf(partial);
      if (before < remote.size || remote.size === 0) {
        const handle = await open(partial, before === 0 ? "w" : "r+");
        try {
          await receive(remote, partial, handle, what, options);
          await handle.sync();
        } finally {
          await handle.close();
        }
      }
      if ((await sizeOf(partial)) === remote.size) break;
      throw new Error(
        `the connection ended after ${await sizeOf(partial)} of ${remote.size} bytes`,
      );
    } catch (error) {
      const advanced = partial !== "" && (await sizeOf(partial)) > before;
      failures = advanced ? 0 : failures + 1;
      if (isFinal(error) || failures >= attempts) throw explain(error, repository, options);
      await sleep(retryDelayMs * 2 ** failures);
    }
  }
  const partial = partialOf(target, remote);
  if (!(await hasChecksum(partial, remote.size, remote.etag))) {
    await rm(partial);
    throw new ConcordError(
      "network/failed",
      `${what} arrived with a wrong checksum and was thrown away.`,
      {
        hint: "run the same command again; if it happens twice, something between here and the hub changes files",
      },
    );
  }
  await rename(partial, target);
  return true;
}
