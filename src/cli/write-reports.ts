/**
 * @file Reports at the end of runs: their results are safe by then, so a report that fails is a
 *   warning.
 */

import { ConcordError, messageOf } from "../errors.ts";
import { writeRunReport } from "../report/run-report.ts";
import { writeSweepReport } from "../report/sweep-report.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import { warn } from "./print.ts";

async function orWarn(write: Promise<string>): Promise<string | undefined> {
  try {
    return await write;
  } catch (error) {
    warn(`no report was written: ${messageOf(error)}`);
    return undefined;
  }
}

/** Writes the report of a run that has finished. @returns Its path; undefined after a warning. */
export function reportRun(folder: RunFolder): Promise<string | undefined> {
  return orWarn(writeRunReport(folder));
}

/** Writes the report of a run that `error` ended, unless the run is somebody else's. */
export async function reportFailure(folder: RunFolder, error: unknown): Promise<void> {
  const foreign =
    error instanceof ConcordError && ["run/conflict", "run/superseded"].includes(error.code);
  if (!foreign && folder.exists) await orWarn(writeRunReport(folder));
}

/** Writes the report of a sweep's folder. @returns Its path; undefined after a warning. */
export function reportSweep(path: string): Promise<string | undefined> {
  return orWarn(writeSweepReport(path));
}
