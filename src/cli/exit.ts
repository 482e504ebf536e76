/** @file How a failed command ends: one line, a hint, and an exit code. */

import { ConcordError, type ErrorCode, messageOf } from "../errors.ts";
import { ioError, meaningOf } from "../formats/io-error.ts";

/** What each exit code means. */
export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [0, "it worked"],
  [1, "it failed: what a file holds, the disk, the network, a loss that is not finite"],
  [
    2,
    "it cannot be done as it was typed: a command, an option, a key of a config, the name of a run, model, hook or dataset, a file that is not there, a run that exists. Nothing was started",
  ],
  [130, "it was interrupted, by Ctrl-C or SIGTERM; what was done is kept"],
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

/** What the system refused, in words; anything else as it is. */
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

/** The failure as it is printed. */
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
