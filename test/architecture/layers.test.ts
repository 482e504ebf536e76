import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

/** Folders of src/ by level; a file may import from its own folder and from lower levels only. */
const LEVELS: Readonly<Record<string, number>> = {
  "errors.ts": 0,
  tensor: 1,
  backend: 2,
  formats: 2,
  datasets: 3,
  sources: 3,
  sae: 3,
  metrics: 3,
  models: 3,
  signal: 3,
  population: 4,
  consistency: 4,
  analysis: 4,
  runs: 5,
  report: 5,
  experiments: 6,
  config: 6,
  cli: 7,
  server: 7,
  "index.ts": 8,
};

/**
 * The one-way streets between folders of the same level: the key may import from the values, never back.
 * The reference checksum is that of the file formats; `language-model` sources need model graphs; a population is judged
 * with consistency's matching; the EEG's bands are said once; figures show runs; recipes are built from a validated config.
 */
const SAME_LEVEL: Readonly<Record<string, readonly string[]>> = {
  backend: ["formats"],
  sources: ["models", "signal"],
  metrics: ["signal"],
  population: ["consistency"],
  analysis: ["consistency", "population"],
  report: ["runs"],
  experiments: ["config"],
};

const SRC = resolve(import.meta.dirname, "../../src");

function sourceFiles(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((f) => /\.tsx?$/.test(f));
}

test("every folder of src has a level", () => {
  const tops = new Set(sourceFiles().map((f) => f.split("/")[0]!));
  expect([...tops].filter((top) => !(top in LEVELS))).toEqual([]);
});

test("imports go down only", () => {
  const upward: string[] = [];
  for (const file of sourceFiles().filter((f) => !f.endsWith(".test.ts"))) {
    const from = file.split("/")[0]!;
    const text = readFileSync(join(SRC, file), "utf8");
    for (const match of text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
      const target = relative(SRC, resolve(SRC, dirname(file), match[1]!));
      const to = target.split("/")[0]!;
      if (to === from) continue;
      const down = (LEVELS[to] ?? 99) < (LEVELS[from] ?? -1);
      if (!down && !SAME_LEVEL[from]?.includes(to)) upward.push(`${file} -> ${target}`);
    }
  }
  expect(upward).toEqual([]);
});
