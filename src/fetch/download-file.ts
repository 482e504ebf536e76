/**
 * @file Downloads one file. The download continues where the last attempt stopped, if the server
 *   still has the same version. The file gets its name only when it is complete and its checksum is
 *   right.
 */

import type { open } from "node:fs/promises";
import { dirname } from "node:path";
import { ConcordError } from "../errors.ts";
import { makeFolder } from "../formats/make-folder.ts";
import { sha256Of } from "./checksums.ts";
import type { Answer, HttpClient } from "./http/client.ts";
import { persistently, type RetryPolicy, TransientError } from "./http/retry.ts";
import type { ListedFile } from "./listing/walk.ts";
import { PartialFile, type Version } from "./partial-file.ts";

export interface FileToFetch extends ListedFile {
  /** Path of the finished file. */
  readonly target: string;
  /** The SHA-256 that its archive publishes. */
  readonly sha256: string | undefined;
  /**
   * For another checksum that is published.
   *
   * @returns What is wrong with the file at `path`; undefined for nothing.
   */
  readonly check?: (path: string, bytes: number) => Promise<string | undefined>;
}

export interface FetchContext {
  readonly client: HttpClient;
  readonly policy: RetryPolicy;
  readonly openFile: typeof open | undefined;
  /** Bytes that may still be received. */
  readonly remainingBytes: () => number;
  readonly onBytes: (bytes: number) => void;
  readonly onRestart: (reason: string) => void;
}

export interface FetchedFile {
  readonly bytes: number;
  readonly sha256: string;
  readonly version: Version;
}

/** A file that could not be fetched correctly; other files may still succeed. */
export class FileProblem extends Error {
  override readonly name = "FileProblem";
}

function versionOf(headers: Headers, bytes: number | undefined): Version {
  const etag = headers.get("etag");
  const lastModified = headers.get("last-modified");
  return {
    // A weak ETag does not promise the same bytes (RFC 9110 §8.8.1).
    ...(etag?.startsWith('"') && { etag }),
    ...(lastModified && { lastModified }),
    ...(bytes !== undefined && { bytes }),
  };
}

/** Whether two answers can be about the same bytes. */
function isSameVersion(a: Version, b: Version): boolean {
  const differ = <T>(x: T | undefined, y: T | undefined) =>
    x !== undefined && y !== undefined && x !== y;
  if (differ(a.bytes, b.bytes) || differ(a.etag, b.etag)) return false;
  return (a.etag !== undefined && b.etag !== undefined) || !differ(a.lastModified, b.lastModified);
}

interface ContentRange {
  /** First byte; undefined in the answer 416. */
  readonly start: number | undefined;
  readonly total: number | undefined;
}

function contentRange(headers: Headers): ContentRange | undefined {
  const [, start, total] =
    /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers.get("content-range") ?? "") ?? [];
  if (total === undefined) return undefined;
  return {
    start: start === undefined ? undefined : Number(start),
    total: total === "*" ? undefined : Number(total),
  };
}

/**
 * The headers that ask for the rest: from the first missing byte, if the file is still the version
 * that the part belongs to.
 *
 * @returns Undefined when nothing can be taken up: there is no part, or nothing that would tell
 *   versions apart.
 */
function rangeHeaders(part: PartialFile, isChecked: boolean) {
  const { bytes, version } = part;
  const validator = version?.etag ?? version?.lastModified;
  if (bytes === 0 || version === undefined) return undefined;
  // With a published checksum, a mixture of versions would be noticed.
  if (validator === undefined && !isChecked) return undefined;
  return {
    Range: `bytes=${bytes}-`,
    ...(validator === undefined ? {} : { "If-Range": validator }),
  };
}

/**
 * Downloads a file to `target`.
 *
 * @throws {FileProblem} when the server sends something else than the file. {HttpStatusError} when
 *   it does not send it at all. {ConcordError} `network/failed` when the network fails, `file/io`
 *   when the disk does, `format/too-large`, `interrupted`. What was received is kept beside the
 *   target, in `.part`, and the next call goes on from there.
 */
export async function downloadFile(file: FileToFetch, context: FetchContext): Promise<FetchedFile> {
  await makeFolder(dirname(file.target));
  const part = await PartialFile.open(file.target, context.openFile);
  try {
    let most = part.bytes;
    const advanced = () => {
      const isMore = part.bytes > most;
      most = Math.max(most, part.bytes);
      return isMore;
    };
    const attempt = () => receive(file, part, context);
    await persistently(`fetch ${file.url.href}`, attempt, context.policy, advanced);
  } finally {
    // Received bytes stay, whatever happened. A disk that cannot keep them has already failed.
    await part.sync().catch(() => undefined);
    await part.close();
  }
  const sha256 = await sha256Of(part.path);
  const problem =
    contentProblem(file, part.bytes, sha256) ?? (await file.check?.(part.path, part.bytes));
  if (problem !== undefined) {
    await part.discard();
    throw new FileProblem(problem);
  }
  await part.finish();
  return { bytes: part.bytes, sha256, version: part.version ?? {} };
}

function contentProblem({ size, sha256 }: FileToFetch, bytes: number, found: string) {
  if (sha256 !== undefined && sha256 !== found)
    return `it came with SHA-256 ${found} where ${sha256} is published, and was thrown away`;
  if (sha256 === undefined && size?.isExact && size.bytes !== bytes)
    return `it came with ${bytes} bytes where ${size.bytes} are listed, and was thrown away`;
  return undefined;
}

/** One attempt; returns when the file is complete. */
async function receive(file: FileToFetch, part: PartialFile, context: FetchContext): Promise<void> {
  if (part.bytes > 0 && part.bytes === part.version?.bytes) return;
  const headers = rangeHeaders(part, file.sha256 !== undefined || file.check !== undefined);
  const answer = await context.client.open(file.url, { mayLeave: true, headers: headers ?? {} });
  try {
    const isPart = answer.status === 206 || answer.status === 416;
    const total = isPart
      ? await goOn(part, answer, context)
      : await startOver(file.path, part, answer, headers !== undefined, context);
    if (total === part.bytes) return;
    if (total !== undefined && total - part.bytes > context.remainingBytes())
      throw tooMuch(file.url);
    await append(part, answer, total, context);
  } finally {
    answer.discard();
  }
}

/**
 * Checks that an answer with a part of the file goes on where ours ends; empties ours when it does
 * not.
 *
 * @returns Bytes of the whole file, when the server says.
 */
async function goOn(
  part: PartialFile,
  { status, headers }: Answer,
  context: FetchContext,
): Promise<number | undefined> {
  const range = contentRange(headers);
  const isSame = isSameVersion(part.version ?? {}, versionOf(headers, range?.total));
  if (status === 416 && isSame && range?.total === part.bytes) return part.bytes;
  if (status === 206 && isSame && range?.start === part.bytes) return range.total;
  context.onRestart(isSame ? "the server sent another part of it" : "it has changed on the server");
  await part.restart({});
  throw new TransientError("the server did not go on where the file stopped");
}

/**
 * Empties the local part for an answer with the whole file. @returns Its bytes, when the server
 * says.
 */
async function startOver(
  path: string,
  part: PartialFile,
  { headers }: Answer,
  askedForRest: boolean,
  context: FetchContext,
): Promise<number | undefined> {
  refuseOther(path, headers);
  const length = headers.get("content-length") ?? "";
  const total = /^\d+$/.test(length) ? Number(length) : undefined;
  const version = versionOf(headers, total);
  if (part.bytes > 0) {
    const isSame = isSameVersion(part.version ?? {}, version);
    if (!askedForRest)
      context.onRestart("nothing tells whether it is still the same on the server");
    else if (isSame) context.onRestart("the server sends whole files only");
    else context.onRestart("it has changed on the server");
  }
  await part.restart(version);
  return total;
}

/**
 * A page in place of a file is an error page or a login. Compressed bytes are not the file's bytes.
 */
function refuseOther(path: string, headers: Headers): void {
  const type = headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type === "text/html" && !/\.html?$/i.test(path))
    throw new FileProblem("the server sends a web page in its place");
  const encoding = headers.get("content-encoding")?.trim().toLowerCase();
  if (encoding !== undefined && encoding !== "" && encoding !== "identity")
    throw new FileProblem(`the server insists on sending it as ${encoding}`);
}

function tooMuch(url: URL): ConcordError {
  return new ConcordError(
    "format/too-large",
    `${url.href} would exceed the bytes that may be received.`,
    { hint: "Raise the limit (--max-size), or fetch less." },
  );
}

async function append(
  part: PartialFile,
  answer: Answer,
  total: number | undefined,
  context: FetchContext,
): Promise<void> {
  for await (const chunk of answer.chunks()) {
    if (total !== undefined && part.bytes + chunk.byteLength > total)
      throw new TransientError("the server sent more than the file has");
    if (chunk.byteLength > context.remainingBytes()) throw tooMuch(answer.url);
    await part.append(chunk);
    context.onBytes(chunk.byteLength);
  }
  if (total !== undefined && part.bytes < total)
    throw new TransientError(`the connection ended after ${part.bytes} of ${total} bytes`);
}
