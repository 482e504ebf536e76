/** @file How a failed command ends: one line, a hint, and an exit code. */

import { ConcordError, messageOf } from "../errors.ts";
import { ioError, meaningOf } from "../formats/io-error.ts";

/** What each exit code means. */
export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [0, "it worked"],
  [1, "it failed: a file, the disk, the network, the data, a loss that is not finite"],
  [2, "it was asked for wrongly: an option, a config, a hook, the name of a run that exists"],
  [130, "it was interrupted, by Ctrl-C or SIGTERM; what was done is kept"],
];

/** 2 for misuse, 130 for an interruption, 1 for any other failure. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof ConcordError)) return 1;
  if (error.code === "interrupted") return 130;
  const misuse = ["config/invalid", "argument/invalid", "hook/missing", "run/conflict"];
  return misuse.includes(error.code) ? 2 : 1;
}

/** What the system refused, in words; anything else as it is. */
function inWords(error: unknown): unknown {
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
