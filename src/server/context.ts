/** @file What all routes share: the served folder, what is kept open, and the world outside. */

import type { Backend } from "../backend/backend.ts";
import type { IsAlive } from "../runs/overview.ts";
import type { RunLines } from "./answers/run-lines.ts";
import type { EvidenceCache } from "./evidences.ts";
import type { ServedFolder } from "./served-folder.ts";
import type { SteeringCache } from "./steerings.ts";

/** The state of a server. */
export interface ServerContext {
  readonly served: ServedFolder;
  readonly lines: RunLines;
  readonly evidences: EvidenceCache;
  readonly steerings: SteeringCache;
  /** Encodes with SAEs. Opened by the first request that does: most only read files. */
  readonly backend: () => Backend;
  readonly isAlive: IsAlive;
  readonly version: string;
  /** Folder of the built page. */
  readonly pageFolder: string;
  /** Milliseconds between two looks at a run that is watched. */
  readonly pollMs: number;
  readonly now: () => Date;
  /** Milliseconds since any fixed moment. */
  readonly clock: () => number;
  /** Aborted when the server ends. */
  readonly signal: AbortSignal;
  /** Told of failures that are defects of the program. */
  readonly onDefect: (error: unknown) => void;
}
