/** Every `concord` command that a page shows is one that the program accepts. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { makeProgram } from "../../src/cli/program.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file)),
];

/** The words behind `concord` of every command line in a page's shell blocks. */
function commandsOf(page: string): string[][] {
  const text = readFileSync(join(ROOT, page), "utf8");
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block]) => block!.split("\n"))
    .map((line) => /^(?:npx )?concord (.*)$/.exec(line)?.[1])
    .filter((line) => line !== undefined)
    .map((line) => line.replace(/\s+(#|>).*$/, "").split(/\s+/));
}

/** What the program would refuse about a command line: nothing when it is one to copy. */
function complaint(program: Command, words: readonly string[]): string | undefined {
  let command = program;
  let at = 0;
  for (; at < words.length; at++) {
    const inner = command.commands.find((c) => c.name() === words[at]);
    if (!inner) break;
    command = inner;
  }
  if (command === program && !words[0]?.startsWith("-")) return `unknown command ${words[0]}`;
  const options = command.options.flatMap(({ short, long }) => [short, long]);
  const unknown = words
    .slice(at)
    .filter((word) => /^--?[a-z]/.test(word) && word !== "--help")
    .find((word) => !options.includes(word.split("=")[0]!));
  return unknown === undefined ? undefined : `unknown option ${unknown}`;
}

describe.each(pages.map((page) => [page, commandsOf(page)] as const))("%s", (_page, commands) => {
  const program = makeProgram();
  test.each(commands.map((words) => [words.join(" "), words] as const))(
    "concord %s",
    (_line, words) => {
      expect(complaint(program, words)).toBeUndefined();
    },
  );
  test("has been read", () => expect(commands).toBeDefined());
});

test("a command that does not exist is noticed", () => {
  const program = makeProgram();
  expect(complaint(program, ["trane", "my.yaml"])).toBe("unknown command trane");
  expect(complaint(program, ["models", "get", "gpt2", "--fast"])).toBe("unknown option --fast");
  expect(complaint(program, ["run", "my.yaml", "--set", "seed=1"])).toBeUndefined();
});
