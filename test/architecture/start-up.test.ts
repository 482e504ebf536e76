/**
 * `concord --help` starts in a fraction of a second, because nothing but the descriptions of the
 * verbs is loaded for it.
 */
import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const SRC = resolve(import.meta.dirname, "../../src");
/** Imports of values, that are carried out before anything else. */
const STATIC = /^(?:import|export) (?!type )(?:[^"';]*? from )?"([^"]+)";/gm;

/** What is loaded with `file`: files of src/, and packages. */
function loadedWith(file: string, found = new Set<string>()): Set<string> {
  const name = relative(SRC, file);
  if (found.has(name)) return found;
  found.add(name);
  for (const [, target] of readFileSync(file, "utf8").matchAll(STATIC)) {
    if (target!.startsWith(".")) loadedWith(resolve(dirname(file), target!), found);
    else if (!target!.startsWith("node:")) found.add(target!);
  }
  return found;
}

test("the command line loads one library, and no code that does anything, before it knows what it is asked for", () => {
  // main.ts loads program.ts within a try.
  const main = loadedWith(resolve(SRC, "cli/main.ts"));
  const loaded = [...loadedWith(resolve(SRC, "cli/program.ts"), main)];
  expect(loaded.filter((name) => !name.endsWith(".ts"))).toEqual(["commander"]);
  expect(loaded.filter((name) => /^cli\/(.*\/)?commands\//.test(name))).toEqual([]);
  const elsewhere = loaded.filter((name) => name.endsWith(".ts") && !name.startsWith("cli/"));
  expect(elsewhere.length, elsewhere.join("\n")).toBeLessThan(14);
});

test("a run loads models, texts, readers of recordings and what draws figures when it needs them", () => {
  const loaded = loadedWith(resolve(SRC, "cli/commands/run.ts"));
  expect(loaded.has("domains/language/language.ts")).toBe(true);
  expect(loaded.has("domains/eeg/eeg.ts")).toBe(true);
  const heavy = /^domains\/(language\/(models|catalogue|source)|eeg\/edf)\/|open-eeg/;
  expect([...loaded].filter((name) => heavy.test(name))).toEqual([]);
  const libraries = ["tar", "protobufjs/light.js", "@huggingface/tokenizers", "hyparquet"];
  for (const library of [...libraries, "@observablehq/plot", "linkedom"])
    expect(loaded.has(library), library).toBe(false);
});

test("the walk finds what a command loads", () => {
  const loaded = loadedWith(resolve(SRC, "cli/commands/run.ts"));
  expect([...loaded]).toEqual(expect.arrayContaining(["zod", "experiments/train-run.ts"]));
});
