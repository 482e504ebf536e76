/**
 * @file The answers of the HTTP API without a server: what it would say is written into a page that
 *   opens as a file.
 */

import type { IsAlive } from "../runs/overview.ts";
import { RunLines } from "./answers/run-lines.ts";
import type { ApiError } from "./api/common.ts";
import { makeApp } from "./app.ts";
import { EvidenceCache, type OpenEvidence } from "./evidences.ts";
import { ServedFolder } from "./served-folder.ts";
import { SteeringCache } from "./steerings.ts";

/** What the answers need. */
export interface AskOptions {
  /** The folder of runs. */
  readonly folder: string;
  readonly openEvidence: OpenEvidence;
  readonly isAlive: IsAlive;
  /** Of Concord. */
  readonly version: string;
}

/** An answer as plain JSON, or why there is none. */
export type Asked = { readonly value: unknown } | { readonly failure: ApiError };

/**
 * Answers requests of the HTTP API, written without `/api/`: `run?name=demo`.
 *
 * @throws an error of the operating system when there is no such folder; what is a defect.
 */
export async function openAnswers(
  options: AskOptions,
): Promise<(request: string) => Promise<Asked>> {
  const { folder, openEvidence, isAlive, version } = options;
  const served = await ServedFolder.open(folder);
  const app = makeApp({
    served,
    lines: new RunLines(served, isAlive),
    evidences: new EvidenceCache(openEvidence, 1),
    steerings: new SteeringCache({ catalogue: { cacheDir: folder, offline: true } }),
    isAlive,
    version,
    pageFolder: "",
    pollMs: 1000,
    now: () => new Date(),
    signal: new AbortController().signal,
    onDefect(error) {
      throw error;
    },
  });
  return async (request) => {
    const response = await app.request(`/api/${request}`, { headers: { host: "localhost" } });
    const body: unknown = await response.json();
    return response.ok ? { value: body } : { failure: body as ApiError };
  };
}
