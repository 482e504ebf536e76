/**
 * @file Messages of the library name options as TypeScript spells them: `heldOutRows`. On the
 *   command line a person types another name: `--held-out-rows` where the command has that option,
 *   `held_out_rows` in a config.
 */

import { snakeCase } from "../formats/key-case.ts";
import { configKeys } from "./config-keys.ts";

/** Options whose name in a config is not their own in snake_case. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  contextLength: "context",
  maxBytes: "buffer_bytes",
};

/**
 * A camelCase word, perhaps at the end of a path of keys; not part of a file name, a call or
 * something quoted.
 */
const CAMEL_CASE = /(?<![\w/"'`.-])((?:\w+\.)*)([a-z]+\d*(?:[A-Z][a-z\d]*)+)(?![\w/(]|\.\w)/g;

let keys: ReadonlySet<string> | undefined;

/** The last parts of all keys of a config. */
function keyNames(): ReadonlySet<string> {
  keys ??= new Set(configKeys().map((path) => path.slice(path.lastIndexOf(".") + 1)));
  return keys;
}

/** Options of a command by their names in TypeScript: `heldOutRows` → `--held-out-rows`. */
export type Flags = ReadonlyMap<string, string>;

/** `text` with every name of an option as the person types it; other words are left as they are. */
export function withTypedNames(text: string, flags: Flags = new Map()): string {
  return text.replace(CAMEL_CASE, (whole, path: string, word: string) => {
    const flag = path === "" ? flags.get(word) : undefined;
    if (flag !== undefined) return flag;
    const key = OTHER_NAMES[word] ?? snakeCase(word);
    return keyNames().has(key) ? path + key : whole;
  });
}
