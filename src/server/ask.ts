/**
 * @file The answers of the HTTP API without a server: what it would say is written into a page that
 *   opens as a file.
 */

import { openEvidence } from "../analyses/features/open-evidence.ts";
import { ConcordError } from "../errors.ts";
import type { IsAlive } from "../runs/overview.ts";
import { RunLines, varyingKeys } from "./answers/run-lines.ts";
import type { ApiError } from "./api/common.ts";
import type { RunsAnswer } from "./api/runs.ts";
import { makeApp } from "./app.ts";
import { EvidenceCache } from "./evidences.ts";
import { ServedFolder } from "./served-folder.ts";
import { SteeringCache } from "./steerings.ts";

/** What the answers need. */
export interface AskOptions {
  /** The folder of runs. */
  readonly folder: string;
  /** What `/api/runs` calls that folder. */
  readonly shown: string;
  /** Runs that `/api/runs` lists; there may be more in the folder. */
  readonly only: readonly string[];
  readonly isAlive: IsAlive;
  /** Of Concord. */
  readonly version: string;
}

/** An answer as plain JSON, or why there is none. */
export type Asked = { readonly value: unknown } | { readonly failure: ApiError };

/**
 * Answers requests of the HTTP API, written without `/api/`: `run?name=demo`. Nothing of it writes.
 *
 * @throws {ConcordError} `file/missing` or `argument/invalid` for a folder that is not one.
 */
export async function openAnswers(
  options: AskOptions,
): Promise<(request: string) => Promise<Asked>> {
  const { folder, shown, only, isAlive, version } = options;
  const served = await ServedFolder.open(folder);
  const app = makeApp({
    served,
    lines: new RunLines(served, isAlive),
    evidences: new EvidenceCache(openEvidence, 1),
    steerings: new SteeringCache({ catalogue: { cacheDir: folder, offline: true } }),
    backend() {
      throw new ConcordError("backend/unavailable", "A page that is a file encodes nothing.");
    },
    isAlive,
    version,
    pageFolder: "",
    pollMs: 1000,
    now: () => new Date(),
    clock: () => 0,
    signal: new AbortController().signal,
    onDefect(error) {
      throw error;
    },
  });
  const wanted = new Set(only);
  return async (request) => {
    const response = await app.request(`/api/${request}`, { headers: { host: "localhost" } });
    const body: unknown = await response.json();
    if (!response.ok) return { failure: body as ApiError };
    if (request !== "runs") return { value: body };
    const runs = (body as RunsAnswer).runs.filter(({ name }) => wanted.has(name));
    return { value: { folder: shown, runs, varying: varyingKeys(runs) } satisfies RunsAnswer };
  };
}
