/**
 * @file What a static page's folder holds besides the page itself: scripts in `data/`, because a
 *   page opened as a file may load scripts but not fetch.
 *
 *   data/index.js     concordIndex = {…}: which file has which answer
 *   data/*.js         concordData("<file>", "<JSON, gzip, base64>")
 */

import type { LatentRule } from "../../evidence/card.ts";

/** Where the cards of a member are. */
export interface CardFiles {
  readonly latents: number;
  /** Cards in each file but the last. */
  readonly perFile: number;
  readonly files: readonly string[];
}

/** Where the rows of a run are. */
export interface RowFiles {
  readonly perFile: number;
  readonly files: readonly string[];
}

/** Why the HTTP API has no answer. */
export interface StaticFailure {
  readonly error: string;
  readonly hint: string | null;
  readonly code: string;
}

/** data/index.js */
export interface StaticIndex {
  readonly version: 1;
  /** Version of the program that wrote the page. */
  readonly concord: string;
  /** File of each answer of the HTTP API, by request without `/api/`: `run?name=demo`. */
  readonly answers: Readonly<Record<string, string>>;
  /** Why there is no answer, by request. */
  readonly failures: Readonly<Record<string, StaticFailure>>;
  /** By run and member. */
  readonly cards: Readonly<Record<string, Readonly<Record<string, CardFiles>>>>;
  /** Files of the rows that examples are of, by run: ROWS_PER_FILE each. */
  readonly rows: Readonly<Record<string, RowFiles>>;
  /** File with the texts that are searched, by run. */
  readonly search: Readonly<Record<string, string>>;
}

/** What is searched of a latent besides its label, in lower case. */
export interface SearchedLatent {
  readonly rules: string;
  /** The tokens that it makes likelier. */
  readonly logits: string;
  /** The best rule as it is shown. */
  readonly rule: LatentRule | null;
}

/** The search file of a run: by member, one element per latent. */
export type SearchFile = Readonly<Record<string, readonly SearchedLatent[]>>;
