/**
 * @file What every download of the catalogue can be told. Nothing here reads the environment; the
 *   command line does.
 */

import type { Timing } from "./options.ts";

/** Bytes of one download so far. */
export interface DownloadProgress {
  /** The file or package, as a person would call it. */
  readonly what: string;
  readonly doneBytes: number;
  readonly totalBytes: number | undefined;
}

/** Where models and texts are kept, and where they come from. */
export interface CatalogueOptions {
  /** Folder that models and texts are kept in; created when needed, may be moved as a whole. */
  readonly cacheDir: string;
  /** Never touch the network; what is not in the cache is an error that names it. */
  readonly offline?: boolean;
  /** npm registry, for `https://registry.npmjs.org` when left out. */
  readonly registry?: string;
  /** Hugging Face hub, `https://huggingface.co` when left out. */
  readonly hubUrl?: string;
  /** Token for models of the hub that ask for one. */
  readonly accessToken?: string;
  /**
   * The cache of Hugging Face's own libraries (`~/.cache/huggingface/hub`); models found there are
   * used where they are.
   */
  readonly hubCacheDir?: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /**
   * Told in a sentence which of two things a name means, where a file or folder has the name of a
   * model or a text.
   */
  readonly onNotice?: (notice: string) => void;
  readonly signal?: AbortSignal;
  /** Time and chance; without them waits are of fixed length. */
  readonly timing?: Timing;
  /**
   * First wait before a broken download is taken up again, doubled each time; 1000 when left out.
   */
  readonly retryDelayMs?: number;
  /** Attempts without a single new byte before giving up; 4 when left out. */
  readonly attempts?: number;
}
