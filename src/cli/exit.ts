/** @file How a failed command ends: one line, a hint, and an exit code. */

import { ConcordError, type ErrorCode, messageOf } from "../errors.ts";
import { ioError, meaningOf } from "../formats/io-error.ts";

/** What each exit code means. */
export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [0, "success"],
  [1, "failure: the contents of a file, the disk, the network, or a loss that is not finite"],
  [
    2,
    "misuse: an unknown command, option or config key; an unknown run, model, hook or dataset; a missing file; a run that already exists. Nothing was started",
  ],
  [130, "interrupted by Ctrl-C or SIGTERM; finished work is kept"],
];

/** Codes of what another command line or config would mend. */
const MISUSE: readonly ErrorCode[] = [
  "config/invalid",
  "argument/invalid",
  "file/missing",
  "hook/missing",
  "run/conflict",
];

/** 2 for misuse, 130 for an interruption, 1 for any other failure. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof ConcordError)) return 1;
  if (error.code === "interrupted") return 130;
  return MISUSE.includes(error.code) ? 2 : 1;
}

/** Errors of the operating system in words; any other error unchanged. */
function inWords(error: unknown): unknown {
  // Node takes a file that may not be opened, because too many are, for one that is not there.
  if ((error as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND")
    return new ConcordError("file/io", `Cannot load the program: ${messageOf(error)}.`, {
      cause: error,
      hint: "Raise the limit on open files (`ulimit -n`), or install again: npm ci.",
    });
  if (error instanceof ConcordError || meaningOf(error) === undefined) return error;
  const { syscall = "use", path } = error as NodeJS.ErrnoException;
  // A module that could not be read: its path says nothing to the person who started the program.
  return ioError(error, syscall, path?.endsWith(".js") ? "the program" : (path ?? "a file"));
}

/** The printed form of a failure. */
export function failureText(thrown: unknown, debug: boolean): string {
  if (debug && thrown instanceof Error) return thrown.stack ?? thrown.message;
  const error = inWords(thrown);
  const known = error instanceof ConcordError;
  const lines = [`${known ? "error" : "unexpected error"}: ${messageOf(error)}`];
  if (known && error.hint) lines.push(`  hint: ${error.hint}`);
  if (!known)
    lines.push("  hint: run again with --debug for the stack; this is a defect of Concord");
  return lines.join("\n");
}
