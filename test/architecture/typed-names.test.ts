/**
 * Names of options in errors are names that a person can type: in a config, or behind a command.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { makeProgram } from "../../src/cli/program.ts";
import { withTypedNames } from "../../src/config/typed-names.ts";

const SRC = resolve(import.meta.dirname, "../../src");

/**
 * Kernels are called by this program alone, functions of the library by programs; neither has
 * options that a person types.
 */
const NOT_OPTIONS = /^(backend\/|index\.ts|errors\.ts)/;

/** Names of functions and their results in messages to programmers. */
const FUNCTIONS = new Set([
  "addVerb",
  "allowIncomplete",
  "collectEeg",
  "copyOf",
  "digMax",
  "physMax",
  "readDigital",
  "recordOnsets",
  "showName",
  "unitRows",
  "writeEdf",
]);

/** Texts that stand where errors are made: of `message`, `hint` and what was expected. */
function messages(text: string): string[] {
  const made = [
    ...text.matchAll(/(?:Error|expected)\(([\s\S]*?)\);\n/g),
    ...text.matchAll(/hint:([^\n]*(?:\n\s+[`"][^\n]*)?)/g),
  ];
  return made.flatMap(([, body]) =>
    [...body!.matchAll(/"([^"\n]*)"|`([^`]*)`/g)].map(([, a, b]) =>
      (a ?? b)!.replace(/\$\{[^}]*\}/g, ""),
    ),
  );
}

test("no error names an option that nobody can type", () => {
  const program = makeProgram();
  const flags = new Map<string, string>();
  const visit = (command: typeof program): void => {
    for (const option of command.options) flags.set(option.attributeName(), option.long ?? "");
    command.commands.forEach(visit);
  };
  visit(program);
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !NOT_OPTIONS.test(file),
  );
  const left = files.flatMap((file) =>
    messages(readFileSync(join(SRC, file), "utf8"))
      .filter((text) => / /.test(text))
      .flatMap((text) => withTypedNames(text, flags).match(/(?<![\w/"'`.-])[a-z]+[A-Z]\w*/g) ?? [])
      .filter((word) => !FUNCTIONS.has(word))
      .map((word) => `${file}: ${word}`),
  );
  expect(left).toEqual([]);
});
