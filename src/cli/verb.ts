/**
 * @file What all verbs have in common: their place in the help, examples below it, and options that
 *   are numbers.
 */

import { type Command, InvalidArgumentError } from "commander";

/** Headings of `concord --help`, in its order. */
export const GROUPS = {
  runs: "Runs:",
  data: "Models, data and activations:",
  saes: "Trained SAEs:",
  setup: "This machine:",
} as const;

export interface Verb {
  readonly group: keyof typeof GROUPS;
  /**
   * The function of the library (src/index.ts) that it is a thin layer over. Verbs that hold
   * others, or tell of the command line itself, leave it out.
   */
  readonly library?: string;
  /** One line. */
  readonly summary: string;
  /** Command lines without the leading `concord`, and what each is for. */
  readonly examples: readonly (readonly [command: string, what: string])[];
}

const verbs = new WeakMap<Command, Verb>();

/** What a command was added with. @throws {Error} for one that `addVerb` did not add. */
export function verbOf(command: Command): Verb {
  const verb = verbs.get(command);
  if (!verb) throw new Error(`${command.name()} was not added by addVerb.`);
  return verb;
}

/**
 * Adds a command to `parent` that ends its help with examples and points there when it is misused.
 *
 * @param name As it is typed behind `concord`.
 */
export function addVerb(parent: Command, name: string, verb: Verb): Command {
  const lines = verb.examples.flatMap(([command, what]) => [`  # ${what}`, `  concord ${command}`]);
  const isNested = parent.parent !== null;
  const path = isNested ? `${parent.name()} ${name}` : name;
  const command = parent
    .command(name)
    .description(verb.summary)
    .helpCommand(false)
    .showHelpAfterError(`  hint: concord ${path} --help`)
    .addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
  verbs.set(command, verb);
  return isNested ? command : command.helpGroup(GROUPS[verb.group]);
}

/**
 * An action whose module is loaded when it runs, so that help and misuse wait for no libraries.
 *
 * @param load Imports the module. @returns what commander calls with the arguments, the options and
 *   the command.
 */
export function lazily<Args extends unknown[]>(
  load: () => Promise<(...args: Args) => void | Promise<void>>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    const act = await load();
    await act(...args);
  };
}

/** Collects an option that may be given several times. */
export function repeated(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** Parses an option that counts something. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text.trim()) || !Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError("Expected a positive integer.");
  return value;
}

/** Parses an option that counts something and may be 0. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text.trim()) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError("Expected a whole number.");
  return value;
}

/** Parses a number of bytes: 500000, 64k, 1.5M, 20G, in units of 1024. */
export function byteCount(text: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)\s?([kmgt]?)(?:i?b)?$/i.exec(text.trim()) ?? [];
  const bytes = Math.floor(Number(number) * 1024 ** " kmgt".indexOf(unit.toLowerCase() || " "));
  if (!Number.isSafeInteger(bytes) || bytes < 1)
    throw new InvalidArgumentError("Expected a number of bytes, for example 500k, 20M or 2G.");
  return bytes;
}

/** A cosine, from −1 to 1. */
export function cosine(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= -1 && value <= 1))
    throw new InvalidArgumentError("Expected a cosine from -1 to 1.");
  return value;
}

/** Any finite number. */
export function realNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value))
    throw new InvalidArgumentError("Expected a number.");
  return value;
}
