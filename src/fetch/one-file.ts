/**
 * @file One file of a server that is known by its address: taken up where it stopped, tried again,
 *   and checked, as files of archives are.
 */

import { setTimeout as sleep } from "node:timers/promises";
import type { CatalogueOptions } from "./catalogue-options.ts";
import { downloadFile, type FileToFetch } from "./download-file.ts";
import { HttpClient } from "./http/client.ts";
import { isPrivate } from "./http/credentials.ts";
import type { RetryPolicy } from "./http/retry.ts";
import type { Timing } from "./options.ts";
import { partialBytes } from "./partial-file.ts";

/** For who has no clock to give: waits are of fixed length. */
const FIXED: Timing = {
  clock: () => 0,
  now: () => new Date(0),
  sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}),
  random: () => 1,
};

/** A server and how patient one is with it. */
export interface FileServer {
  readonly client: HttpClient;
  readonly policy: RetryPolicy;
}

/**
 * A server of files.
 *
 * @param root  What its files lie below.
 * @param token Sent to its origin alone, and not where it could be read on the way.
 */
export function fileServer(root: URL, options: CatalogueOptions, token?: string): FileServer {
  const { signal, timing = FIXED, attempts = 4, retryDelayMs: delayMs = 1000 } = options;
  const client = new HttpClient(root, {
    timing,
    // A handful of files in all.
    requestsPerSecond: Number.POSITIVE_INFINITY,
    ...(signal && { signal }),
    ...(token !== undefined && isPrivate(root) && { credentials: { token } }),
  });
  return { client, policy: { attempts, delayMs, timing, signal, onEvent: undefined } };
}

/**
 * Downloads a file to its target.
 *
 * @param what Names it in what `onProgress` is told.
 * @throws as `downloadFile`.
 */
export async function fetchFile(
  { client, policy }: FileServer,
  file: Omit<FileToFetch, "size" | "path">,
  what: string,
  totalBytes: number | undefined,
  { onProgress }: CatalogueOptions,
): Promise<void> {
  let doneBytes = await partialBytes(file.target);
  await downloadFile(
    { ...file, path: file.url.pathname, size: undefined },
    {
      client,
      policy,
      openFile: undefined,
      remainingBytes: () => Number.POSITIVE_INFINITY,
      onBytes: (bytes) => {
        doneBytes += bytes;
        onProgress?.({ what, doneBytes, totalBytes });
      },
      onRestart: () => {
        doneBytes = 0;
      },
    },
  );
}
