/** @file How a job ends, and what follows from it. */

import { ConcordError, type ErrorCode } from "../errors.ts";

/**
 * `finished`: its results are there. `interrupted`: everything so far is in a checkpoint; hand it
 * out again. `retry`: something outside it failed, such as the disk, the network or the memory.
 * `failed`: it would fail again. `superseded`: a later submission of the same job does the work.
 */
export type Outcome = "finished" | "interrupted" | "retry" | "failed" | "superseded";

/** Exit codes of `concord jobs work`. 75 is EX_TEMPFAIL of BSD's sysexits.h. */
export const OUTCOME_EXIT_CODES: Readonly<Record<Outcome, number>> = {
  finished: 0,
  failed: 1,
  retry: 75,
  superseded: 76,
  interrupted: 130,
};

/** Failures that come back however often the job is done. */
const LASTING: ReadonlySet<ErrorCode> = new Set([
  "config/invalid",
  "argument/invalid",
  "shape/mismatch",
  "format/invalid",
  "format/too-large",
  "file/missing",
  "numeric/not-finite",
  "run/corrupt",
  "model/unsupported",
  "hook/missing",
  "budget/exceeded",
]);

/** What a job has ended with that threw. */
export function outcomeOfError(error: unknown): Outcome {
  if (!(error instanceof ConcordError)) return "retry";
  if (error.code === "interrupted") return "interrupted";
  if (error.code === "run/superseded") return "superseded";
  return LASTING.has(error.code) ? "failed" : "retry";
}

/** What a process that worked on a job has ended with; null: a signal that it could not catch. */
export function outcomeOfExit(code: number | null): Outcome {
  const known = Object.entries(OUTCOME_EXIT_CODES).find(([, own]) => own === code);
  if (known) return known[0] as Outcome;
  // Misuse of the command line: another Concord, or none.
  return code === 2 ? "failed" : "retry";
}
