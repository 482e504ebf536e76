/**
 * @file What a download of a dataset can be told, and what it tells while it runs. Clocks, chance
 *   and the network are passed in.
 */

import type { open } from "node:fs/promises";
import type { Credentials } from "./http/credentials.ts";

/** Time and chance, as the caller has them; tests pass some that do not wait. */
export interface Timing {
  /** Milliseconds from any fixed moment. */
  readonly clock: () => number;
  readonly now: () => Date;
  /** Resolves after so many milliseconds; rejects when the signal aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<unknown>;
  /** Uniform in [0, 1): spreads retries of many clients over time. */
  readonly random: () => number;
}

/** What happens during a download, in the order in which it happens. */
export type DatasetEvent =
  /** A directory page was read. */
  | { readonly kind: "listed"; readonly folders: number; readonly files: number }
  /** Bytes have come, or a file was found complete. */
  | {
      readonly kind: "progress";
      readonly path: string;
      readonly doneFiles: number;
      readonly totalFiles: number;
      /** Bytes that came over the network in this call. */
      readonly receivedBytes: number;
      /** Bytes that this call has to receive, as far as the directory pages say. */
      readonly expectedBytes: number;
    }
  /** The server failed or asked for patience. */
  | { readonly kind: "waiting"; readonly ms: number; readonly reason: string }
  /** A file begins from its first byte again although a part of it was there. */
  | { readonly kind: "restarted"; readonly path: string; readonly reason: string };

/** What a download can be told. */
export interface DatasetOptions {
  /** A name of `DATASETS`. */
  readonly dataset: string;
  /** Where files go, each at its path within the dataset; created when needed. */
  readonly folder: string;
  /** Files and folders of the dataset; its `defaultPath` when left out. */
  readonly paths?: readonly string[];
  /** Only files whose names end so, for example `.csv`. */
  readonly suffixes?: readonly string[];
  /**
   * For a dataset that needs an account. Sent to the dataset's own server alone, over HTTPS alone.
   */
  readonly credentials?: Credentials;
  /** A copy of the dataset with the same paths; credentials then go there. */
  readonly baseUrl?: string;
  /** The most bytes to receive, 64 GiB when left out. */
  readonly maxBytes?: number;
  /** The most requests per second; default 4. */
  readonly requestsPerSecond?: number;
  /** The most bytes per second; default: no limit. */
  readonly bytesPerSecond?: number;
  /** Tries in a row that bring nothing new before giving up, 6 when left out. */
  readonly attempts?: number;
  /** First wait before another try, doubled each time up to a minute; 1000 when left out. */
  readonly retryDelayMs?: number;
  /** Silence after which a connection counts as broken, 60 000 when left out. */
  readonly stallMs?: number;
  /** Compute the checksums of files that are there already, too. */
  readonly verify?: boolean;
  readonly userAgent?: string;
  readonly timing: Timing;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: DatasetEvent) => void;
  /** The network; Node's own when left out. */
  readonly fetch?: typeof fetch;
  /** Bytes free where a folder is; asked of the operating system when left out. */
  readonly freeBytes?: (folder: string) => Promise<number>;
  /** Opens partial files; tests pass one that fails the way a full disk does. */
  readonly openFile?: typeof open;
}
