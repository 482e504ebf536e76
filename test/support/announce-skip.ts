/**
 * @file A skipped test must say why where everybody sees it; reporters hide the notes of skipped
 *   tests.
 */

/** Prints why tests are skipped. @returns Whether there was a reason. */
export function announceSkip(what: string, reason: string | undefined): boolean {
  if (reason !== undefined && reason !== "") process.stderr.write(`skipped: ${what}: ${reason}\n`);
  return reason !== undefined && reason !== "";
}
