import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import * as library from "../index.ts";
import { cliPage, leavesOf } from "./cli-page.ts";
import { makeProgram } from "./program.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const SRC = join(ROOT, "src");
const leaves = leavesOf(makeProgram());

test("docs/cli.md is up to date: npx tsx scripts/generate-cli-docs.ts", () => {
  expect(readFileSync(join(ROOT, "docs", "cli.md"), "utf8")).toBe(cliPage(makeProgram()));
});

describe.each(leaves)("concord $path", ({ path, command, verb }) => {
  test("is a layer over a function that the library exports, if it does more than tell of the command line", () => {
    if (["completion", "help"].includes(path)) expect(verb.library).toBeUndefined();
    else expect(Object.keys(library)).toContain(verb.library);
  });

  test("shows examples of itself, with options that it has", () => {
    expect(verb.examples.length).toBeGreaterThan(0);
    for (const [line] of verb.examples) {
      expect(line.startsWith(path)).toBe(true);
      const used = line.match(/(?<= )--[a-z-]+/g) ?? [];
      const known = command.options.map(({ long }) => long);
      expect(known).toEqual(expect.arrayContaining(used));
    }
  });

  test("says of every option and argument what it is", () => {
    const things = [...command.options, ...command.registeredArguments];
    expect(things.filter(({ description }) => description === "")).toEqual([]);
  });

  test("prints JSON when asked, if it prints anything else than lines to be read by programs", () => {
    const plain = ["models get", "schema", "completion", "help", "worker", "jobs work"];
    const hasJson = command.options.some(({ long }) => long === "--json");
    expect(hasJson).toBe(!plain.includes(path));
  });
});

test("the environment is read in src/cli/variables.ts alone, so that the page lists all of it", () => {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((f) =>
    f.endsWith(".ts"),
  );
  const readers = files
    .filter((file) => !file.endsWith(".test.ts"))
    .filter((file) => readFileSync(join(SRC, file), "utf8").includes("process.env"));
  expect(readers).toEqual(["cli/variables.ts"]);
});
