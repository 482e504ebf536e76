/** @file concord help: the help of a verb, as `concord <verb> --help` prints it. */

import type { Command } from "commander";
import { addVerb } from "../verb.ts";

/** The command at the end of `words`; fails as an unknown command does, with the nearest one. */
function commandAt(program: Command, words: readonly string[]): Command {
  let command = program;
  for (const word of words) {
    const inner = command.commands.find((c) => c.name() === word || c.aliases().includes(word));
    if (!inner) {
      // A verb that holds no others takes what follows for its arguments.
      if (command.commands.length === 0) return command;
      const names = command.commands.map((c) => c.name()).join(", ");
      return command.error(`error: unknown command '${word}' (there are ${names})`);
    }
    command = inner;
  }
  return command;
}

export function addHelp(program: Command): void {
  addVerb(program, "help", {
    group: "setup",
    summary: "print the help of a command, with its options and examples",
    examples: [
      ["help run", "the same as `concord run --help`"],
      ["help models eval", "help of a nested command"],
    ],
  })
    .argument("[command...]", "command to explain; without it, all commands are listed")
    .action((words: string[]) => {
      commandAt(program, words).outputHelp();
    });
}
