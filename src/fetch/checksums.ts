/** @file Checksums: of files here, and the SHA-256 sums that an archive publishes for its own. */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
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

/**
 * Sums by path from a text as `sha256sum` writes it. PhysioNet's has one space between sum and path
 * where others have two or a space and an asterisk. Lines that are none are passed over.
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
