/**
 * @file The errors that Concord raises on purpose. Each has a stable `code` for programs and a
 *   sentence for the person who must act. It says what was expected, what was received and where;
 *   `hint` says what to do next.
 */

/** Stable identifiers of failures; tests, the CLI's exit code and the dashboard match on these. */
export type ErrorCode =
  | "config/invalid"
  | "argument/invalid"
  | "shape/mismatch"
  | "format/invalid"
  | "format/too-large"
  | "file/missing"
  | "file/io"
  | "backend/unavailable"
  | "backend/failed"
  | "numeric/not-finite"
  | "run/conflict"
  | "run/superseded"
  | "job/failed"
  | "run/corrupt"
  | "model/unsupported"
  | "hook/missing"
  | "network/failed"
  | "budget/exceeded"
  | "interrupted";

export interface ErrorDetails {
  readonly cause?: unknown;
  /** One line: what to try next. */
  readonly hint?: string;
}

/** Base of every error that Concord raises on purpose. */
export class ConcordError extends Error {
  override readonly name: string = "ConcordError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
  }
}

/** A config file or command line requests something impossible. The CLI exits with 2. */
export class ConfigError extends ConcordError {
  override readonly name = "ConfigError";
  constructor(message: string, details: ErrorDetails = {}) {
    super("config/invalid", message, details);
  }
}

/** Two arrays that must fit do not. */
export class ShapeError extends ConcordError {
  override readonly name = "ShapeError";
  constructor(where: string, expected: string, received: string, details: ErrorDetails = {}) {
    super("shape/mismatch", `[${where}] Expected ${expected} but received ${received}.`, details);
  }
}

/**
 * A file's bytes are not what its format promises. `where` names the file and, where known, the
 * offset or field.
 */
export class FormatError extends ConcordError {
  override readonly name = "FormatError";
  constructor(where: string, problem: string, details: ErrorDetails = {}) {
    super("format/invalid", `${where}: ${problem}`, details);
  }
}

/**
 * The sentence for a bad argument.
 *
 * @example throw expected("sae.k", "an integer from 1 to d_sae (4096)", 0.5)
 * // Expected an integer from 1 to d_sae (4096) for sae.k but received 0.5 (number).
 */
export function expected(name: string, rule: string, received: unknown): ConcordError {
  const kind = received === null ? "null" : typeof received;
  const shown = typeof received === "object" ? JSON.stringify(received) : String(received);
  return new ConcordError(
    "argument/invalid",
    `Expected ${rule} for ${name} but received ${shown?.slice(0, 120)} (${kind}).`,
  );
}

/** The message of anything that was thrown, on one line. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
