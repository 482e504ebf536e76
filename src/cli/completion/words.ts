/** @file What can be typed where: the words of every command, from the program that parses them. */

import type { Command, Option } from "commander";

/** A word, and its meaning. */
export interface Word {
  readonly word: string;
  readonly meaning: string;
}

/** A flag of a command. */
export interface Flag extends Word {
  /** The short form, `-o`. */
  readonly short: string | undefined;
  /** Whether something follows it. */
  readonly takesValue: boolean;
  /** What may follow it, where that is a list; files otherwise. */
  readonly choices: readonly string[];
}

/** What can be typed behind the words of a command. */
export interface Place {
  /** The words behind `concord`, joined by spaces; empty for the program itself. */
  readonly path: string;
  /** Commands that may follow; without any, files do. */
  readonly verbs: readonly Word[];
  /** What its first argument may be, where that is a list. */
  readonly choices: readonly string[];
  readonly flags: readonly Flag[];
}

function flagOf({ long, short, description, required, optional, argChoices }: Option): Flag {
  return {
    word: long ?? short ?? "",
    meaning: description,
    short: long ? short : undefined,
    takesValue: required || optional,
    choices: argChoices ?? [],
  };
}

/**
 * The places of a command and of those behind it, the command itself first.
 *
 * @param command As `makeProgram` makes it, or one of its commands.
 * @param path    The words in front of it.
 */
export function placesOf(command: Command, path: readonly string[] = []): Place[] {
  const shown = command.createHelp();
  const inner = shown.visibleCommands(command);
  return [
    {
      path: path.join(" "),
      verbs: inner.map((c) => ({ word: c.name(), meaning: c.description() })),
      choices: command.registeredArguments[0]?.argChoices ?? [],
      flags: shown.visibleOptions(command).map(flagOf),
    },
    ...inner.flatMap((c) => placesOf(c, [...path, c.name()])),
  ];
}
