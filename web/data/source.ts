/**
 * @file Where the page's data comes from: the HTTP API, or the files of a static page. Views see
 *   this interface alone.
 */

import type { LatentCard, ListedLatent } from "../../src/evidence/card.ts";
import type { LiveMetrics, LiveStatus } from "../../src/server/api/live.ts";

/** Parameters of a request; undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

/** Why there is no answer, for a person. */
export class DataError extends Error {
  readonly hint: string | undefined;
  /** `features/missing`, `file/missing`, …; `page/offline` when nobody answers. */
  readonly code: string;

  constructor(code: string, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** What happens while a run is watched. */
export interface LiveListener {
  status(status: LiveStatus): void;
  metrics(line: LiveMetrics): void;
  /** The stream ended for good: with the run, or because its folder is gone. */
  end(message: string | undefined): void;
  /** The connection broke, and is tried again. */
  broken(): void;
}

/** The answers that the page shows. */
export interface DataSource {
  /** Whether a server answers: runs can be watched, latents steered, games played. */
  readonly isLive: boolean;
  /** @throws {DataError} */
  get<T>(route: string, query?: Query): Promise<T>;
  /** @throws {DataError} */
  card(run: string, member: string, latent: number): Promise<LatentCard>;
  /** Latents that contain `query`. @throws {DataError} */
  find(run: string, query: string, member?: string): Promise<readonly ListedLatent[]>;
  /** @throws {DataError} */
  post<T>(route: string, body: unknown): Promise<T>;
  /** @returns What ends the watching. */
  watch(run: string, after: number, listener: LiveListener): () => void;
}

/** `card?name=demo&member=member-0`: a request as text, parameters in the order of `query`. */
export function requestText(route: string, query: Query = {}): string {
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)]],
  );
  const text = new URLSearchParams(given).toString();
  return text === "" ? route : `${route}?${text}`;
}
