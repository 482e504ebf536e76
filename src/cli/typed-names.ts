/**
 * @file Messages of the library name options as TypeScript spells them: `heldOutRows`. On the command line a person types another name:
 * `--held-out-rows` where the command has that option, `held_out_rows` in a config.
 */

import type { Command } from "commander";
import { snakeCase } from "../formats/key-case.ts";

/** Options whose name in a config is not their own in snake_case. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  contextLength: "context",
  maxBytes: "buffer_bytes",
};

/** A camelCase word, perhaps at the end of a path of keys; not part of a file name, a call or something quoted. */
const CAMEL_CASE = /(?<![\w/"'`.-])((?:\w+\.)*)([a-z]+\d*(?:[A-Z][a-z\d]*)+)(?![\w/(]|\.\w)/g;

/** What a person can type. */
export interface TypedNames {
  /** Options of the command that runs, by their names in TypeScript: `heldOutRows` → `--held-out-rows`. */
  readonly flags: ReadonlyMap<string, string>;
  /** Keys of a config. */
  readonly keys: ReadonlySet<string>;
}

/** What a person can type to the command that runs. Keys are left out where the system lets no more files be read. */
export async function typedNames(command: Command | undefined): Promise<TypedNames> {
  const options = command?.options ?? [];
  const paths = await import("../config/config-keys.ts").then(
    ({ configKeys }) => configKeys(),
    () => [],
  );
  return {
    flags: new Map(options.map((option) => [option.attributeName(), option.long ?? option.flags])),
    keys: new Set(paths.map((path) => path.slice(path.lastIndexOf(".") + 1))),
  };
}

/** `text` with every name of an option as the person types it; other words are left as they are. */
export function withTypedNames(text: string, { flags, keys }: TypedNames): string {
  return text.replace(CAMEL_CASE, (whole, path: string, word: string) => {
    const flag = path === "" ? flags.get(word) : undefined;
    if (flag !== undefined) return flag;
    const key = OTHER_NAMES[word] ?? snakeCase(word);
    return keys.has(key) ? path + key : whole;
  });
}
