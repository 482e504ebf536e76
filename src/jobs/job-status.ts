/**
 * @file What a job says of itself while it is worked on, and at the end. It is a small file beside
 *   the jobs of its batch.
 */

import { z } from "zod";
import { writeFileAtomically } from "../formats/atomic-file.ts";
import { readText } from "../formats/read-text.ts";
import type { Outcome } from "./outcome.ts";

/** How far a job has come. */
export interface JobStatus {
  /** The submission that this is of, from 1. */
  readonly submission: number;
  readonly state: "running" | Outcome;
  readonly host: string;
  readonly pid: number;
  /** When the process began, in the system's own count; undefined where it does not say. */
  readonly started?: string | undefined;
  /** The clock of its machine as it was written, ISO 8601. */
  readonly at: string;
  /** Steps taken, of how many; undefined before the first. */
  readonly step?: number | undefined;
  readonly totalSteps?: number | undefined;
  /** Why it did not finish: code, message and hint of the error. */
  readonly error?:
    | { readonly code: string; readonly message: string; readonly hint?: string | undefined }
    | undefined;
}

/**
 * How long to wait until the next status, milliseconds: a tenth of the time that the job has taken,
 * from 2 to 30 seconds. Thousands of long jobs share a file system.
 */
export function statusPause(elapsedMs: number): number {
  return Math.min(30_000, Math.max(2000, elapsedMs / 10));
}

const schema = z.object({
  submission: z.number(),
  state: z.enum(["running", "finished", "interrupted", "retry", "failed", "superseded"]),
  host: z.string(),
  pid: z.number(),
  started: z.string().optional(),
  at: z.string(),
  step: z.number().optional(),
  total_steps: z.number().optional(),
  error: z
    .object({ code: z.string(), message: z.string(), hint: z.string().optional() })
    .optional(),
});

/** The status as its file holds it. */
export function statusText({ totalSteps, ...status }: JobStatus): string {
  return `${JSON.stringify({ ...status, total_steps: totalSteps })}\n`;
}

export async function writeStatus(path: string, status: JobStatus): Promise<void> {
  await writeFileAtomically(path, statusText(status));
}

/** The status that a file holds; undefined when there is none, or it is of something else. */
export async function readStatus(path: string): Promise<JobStatus | undefined> {
  try {
    const { total_steps, ...rest } = schema.parse(JSON.parse(await readText(path)));
    return { ...rest, totalSteps: total_steps };
  } catch {
    return undefined;
  }
}
