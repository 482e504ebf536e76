/** @file Checksums of local files, and the SHA-256 sums that an archive publishes for its files. */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type OpenFile, readExactly } from "../formats/file-bytes.ts";
import { ioError } from "../formats/io-error.ts";
import type { HttpClient } from "./http/client.ts";
import { HttpStatusError, persistently, type RetryPolicy } from "./http/retry.ts";
import { readText } from "./listing/walk.ts";

/** The SHA-256 of a file in hexadecimal. @throws {ConcordError} `file/missing` or `file/io`. */
export function sha256Of(path: string): Promise<string> {
  return checksumOf(path, "sha256", "hex");
}

/**
 * The checksum of a file.
 *
 * @param head Hashed before the file's own bytes.
 * @throws {ConcordError} `file/missing` or `file/io`.
 */
export async function checksumOf(
  path: string,
  algorithm: "sha1" | "sha256" | "sha512",
  encoding: "hex" | "base64",
  head = "",
): Promise<string> {
  const hash = createHash(algorithm).update(head);
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  } catch (error) {
    throw ioError(error, "read", path);
  }
  return hash.digest(encoding);
}

/** An open file is read in pieces of this many bytes. */
const PIECE_BYTES = 4 * 2 ** 20;

/**
 * The SHA-256 of an open file in hexadecimal, as long as it was when it was opened: what is
 * appended meanwhile does not count.
 *
 * @throws {FormatError} when it got shorter; {ConcordError} `file/io`.
 */
export async function sha256OfOpen(file: OpenFile): Promise<string> {
  const hash = createHash("sha256");
  const piece = new Uint8Array(Math.min(PIECE_BYTES, file.size));
  for (let at = 0; at < file.size; at += piece.byteLength) {
    const part = piece.subarray(0, Math.min(piece.byteLength, file.size - at));
    await readExactly(file, part, at);
    hash.update(part);
  }
  return hash.digest("hex");
}

/**
 * Sums by path, from a text that `sha256sum` wrote. PhysioNet's text has one space between sum and
 * path, others have two or a space and an asterisk. Other lines are ignored.
 */
export function parseSha256Sums(text: string): Map<string, string> {
  const sums = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, sum, path] = /^([0-9a-fA-F]{64}) [ *]?(.+)$/.exec(line) ?? [];
    if (sum !== undefined) sums.set(path!.replace(/^\.\//, ""), sum.toLowerCase());
  }
  return sums;
}

/**
 * What an archive publishes.
 *
 * @returns Undefined when it has no such file.
 * @throws {ConcordError} `network/failed`, `interrupted`.
 */
export async function publishedSums(
  client: HttpClient,
  url: URL,
  policy: RetryPolicy,
): Promise<Map<string, string> | undefined> {
  try {
    return await persistently(
      `fetch ${url.href}`,
      async () => {
        const answer = await client.open(url, { mayLeave: true });
        return parseSha256Sums(await readText(answer.chunks(), url));
      },
      policy,
    );
  } catch (error) {
    if (error instanceof HttpStatusError) return undefined;
    throw error;
  }
}
