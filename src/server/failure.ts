/** @file Why a request has no answer: as an HTTP status, a stable code, a sentence and a hint. */

import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { ConcordError, type ErrorCode, messageOf } from "../errors.ts";
import type { ApiError, Problem } from "./api/common.ts";

/** Codes of failures that only the server knows. */
type HttpCode =
  | "features/missing"
  | "intruder/unknown"
  | "page/missing"
  | "path/outside"
  | "request/foreign"
  | "request/invalid"
  | "results/missing"
  | "route/unknown"
  | "run/missing"
  | "server/busy"
  | "steer/impossible";

/** A request that the server refuses, or cannot answer. */
export class HttpFailure extends Error {
  override readonly name = "HttpFailure";
  readonly status: ContentfulStatusCode;
  readonly code: HttpCode;
  readonly hint: string | undefined;

  constructor(status: ContentfulStatusCode, code: HttpCode, message: string, hint?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

/** What each failure of the rest of the program is over HTTP; 500 where it is the machine's. */
const STATUS: Readonly<Record<ErrorCode, ContentfulStatusCode>> = {
  "config/invalid": 400,
  "argument/invalid": 400,
  "shape/mismatch": 422,
  "format/invalid": 422,
  "format/too-large": 422,
  "file/missing": 404,
  "file/io": 500,
  "backend/unavailable": 500,
  "backend/failed": 500,
  "numeric/not-finite": 422,
  "run/conflict": 409,
  "run/superseded": 409,
  "job/failed": 500,
  "run/corrupt": 422,
  "model/unsupported": 422,
  "hook/missing": 422,
  "network/failed": 503,
  "budget/exceeded": 402,
  interrupted: 503,
};

/** A failure as it is answered. */
export interface Failed {
  readonly status: ContentfulStatusCode;
  readonly body: ApiError;
  /** False for a defect of the program, which is worth a line on the terminal. */
  readonly isKnown: boolean;
}

/** The answer for anything that was thrown. */
export function failureOf(error: unknown): Failed {
  const message = messageOf(error);
  if (error instanceof HttpFailure || error instanceof ConcordError) {
    const status = error instanceof HttpFailure ? error.status : STATUS[error.code];
    const body = { error: message, hint: error.hint ?? null, code: error.code };
    return { status, body, isKnown: true };
  }
  // Of hono itself: a body that is not JSON.
  if (error instanceof HTTPException) {
    const body = { error: message, hint: null, code: "request/invalid" };
    return { status: error.status, body, isKnown: true };
  }
  const hint = "This is a defect of Concord; the server goes on.";
  return { status: 500, body: { error: message, hint, code: "internal" }, isKnown: false };
}

/**
 * What `read` gives; where it fails for a reason that a person can mend, `undefined`, and the
 * reason joins `problems`.
 *
 * @param part What is missing from the answer then, the name of a file for example.
 */
export async function orProblem<T>(
  part: string,
  problems: Problem[],
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const { body, isKnown } = failureOf(error);
    if (!isKnown) throw error;
    problems.push({ part, error: body.error, hint: body.hint });
    return undefined;
  }
}
