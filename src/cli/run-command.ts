/** @file One command line, from the words that were typed to the exit code. */

import type { Command } from "commander";
import { exitCodeOf, failureText } from "./exit.ts";
import { say } from "./print.ts";

/**
 * A message with the names that a person types to the command that runs. It stays as it is where
 * the system lets no more files be read.
 */
async function asTyped(text: string, running: Command | undefined): Promise<string> {
  const options = running?.options ?? [];
  const flags = new Map(options.map((o) => [o.attributeName(), o.long ?? o.flags]));
  return import("../config/typed-names.ts").then(
    ({ withTypedNames }) => withTypedNames(text, flags),
    () => text,
  );
}

/**
 * Does what was typed behind `concord`, and prints why it fails.
 *
 * @returns The exit code.
 */
export async function runCommand(words: readonly string[]): Promise<number> {
  let program: Command | undefined;
  let running: Command | undefined;
  try {
    // Loaded here, so that a limit on open files is also reported in one line.
    program = (await import("./program.ts")).makeProgram();
    program.hook("preAction", (_, command) => {
      running = command;
    });
    await program.parseAsync(words, { from: "user" });
    return 0;
  } catch (error) {
    // Commander has printed its own message already; help and version are not failures.
    const code = (error as { code?: unknown }).code;
    if (typeof code === "string" && code.startsWith("commander."))
      return (error as { exitCode?: number }).exitCode === 0 ? 0 : 2;
    const debug = program?.opts()["debug"] === true;
    const text = failureText(error, debug);
    say(`${debug ? text : await asTyped(text, running)}\n`);
    return exitCodeOf(error);
  }
}
