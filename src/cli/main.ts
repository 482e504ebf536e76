#!/usr/bin/env node
/** @file The command line. */

import type { Command } from "commander";
import { exitCodeOf, failureText } from "./exit.ts";
import { say } from "./print.ts";

// A reader that goes away, as `head` does, ends no run: what is said to it is lost, and nothing
// else.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });

/**
 * A message with the names that a person types to the command that runs. It stays as it is where
 * the system lets no more files be read.
 */
async function asTyped(text: string): Promise<string> {
  const options = running?.options ?? [];
  const flags = new Map(options.map((o) => [o.attributeName(), o.long ?? o.flags]));
  return import("../config/typed-names.ts").then(
    ({ withTypedNames }) => withTypedNames(text, flags),
    () => text,
  );
}

let program: Command | undefined;
let running: Command | undefined;
try {
  // Loaded here, so that a limit on open files is also reported in one line.
  program = (await import("./program.ts")).makeProgram();
  program.hook("preAction", (_, command) => {
    running = command;
  });
  await program.parseAsync();
} catch (error) {
  // Commander has printed its own message already; help and version are not failures.
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string" && code.startsWith("commander.")) {
    process.exitCode = (error as { exitCode?: number }).exitCode === 0 ? 0 : 2;
  } else {
    const debug = program?.opts()["debug"] === true;
    const text = failureText(error, debug);
    say(`${debug ? text : await asTyped(text)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
