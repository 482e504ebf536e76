/**
 * @file Options of a dataset's download, and the events that it reports. Clocks, randomness and the
 *   network are passed in.
 */

import type { open } from "node:fs/promises";
import type { Credentials } from "./http/credentials.ts";

/** Time and randomness of the caller; tests pass ones that do not wait. */
export interface Timing {
  /** Milliseconds from any fixed moment. */
  readonly clock: () => number;
  readonly now: () => Date;
  /** Resolves after this many milliseconds; rejects when the signal aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<unknown>;
  /** Uniform in [0, 1): spreads retries of many clients over time. */
  readonly random: () => number;
}

/** Events of a download, in order. */
export type DatasetEvent =
  /** A directory page was read. */
  | { readonly kind: "listed"; readonly folders: number; readonly files: number }
  /** Bytes were received, or a file was found complete. */
  | {
      readonly kind: "progress";
      readonly path: string;
      readonly doneFiles: number;
      readonly totalFiles: number;
      /** Bytes received over the network in this call. */
      readonly receivedBytes: number;
      /** Bytes that this call must receive, according to the directory pages. */
      readonly expectedBytes: number;
    }
  /** The server failed, or asked for a wait. */
  | { readonly kind: "waiting"; readonly ms: number; readonly reason: string }
  /** A file starts again from its first byte, although a part of it existed. */
  | { readonly kind: "restarted"; readonly path: string; readonly reason: string };

/** Options of a download. */
export interface DatasetOptions {
  /** A name of `DATASETS`. */
  readonly dataset: string;
  /** Folder for the files, each at its path within the dataset; created when needed. */
  readonly folder: string;
  /** Files and folders of the dataset; default: its `defaultPath`. */
  readonly paths?: readonly string[];
  /** Only files whose names have one of these endings, for example `.csv`. */
  readonly suffixes?: readonly string[];
  /**
   * For a dataset that needs an account. Sent only to the dataset's own server, and only over
   * HTTPS.
   */
  readonly credentials?: Credentials;
  /** A copy of the dataset with the same paths; credentials then go there. */
  readonly baseUrl?: string;
  /** The most bytes to receive; default 64 GiB. */
  readonly maxBytes?: number;
  /** The most requests per second; default 4. */
  readonly requestsPerSecond?: number;
  /** The most bytes per second; default: no limit. */
  readonly bytesPerSecond?: number;
  /** Attempts in a row without progress before giving up; default 6. */
  readonly attempts?: number;
  /** Wait before the first retry, doubled each time up to a minute; default 1000. */
  readonly retryDelayMs?: number;
  /** Silence after which a connection counts as broken; default 60 000. */
  readonly stallMs?: number;
  /** Also compute the checksums of files that exist already. */
  readonly verify?: boolean;
  readonly userAgent?: string;
  readonly timing: Timing;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: DatasetEvent) => void;
  /** The network; default: Node's own `fetch`. */
  readonly fetch?: typeof fetch;
  /** Free bytes at a folder; default: asks the operating system. */
  readonly freeBytes?: (folder: string) => Promise<number>;
  /** Opens partial files; tests pass one that fails the way a full disk does. */
  readonly openFile?: typeof open;
}
