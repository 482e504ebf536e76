/**
 * An architecture is known in src/sae alone: everything else sees `Trainable`, `Sae` and the
 * registry. Readers of foreign formats may say which of our architectures a file holds.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { ARCHITECTURES } from "../../src/sae/registry.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const SRC = join(ROOT, "src");

/** Lines of source outside src/sae, tests and comments left out: [file:line, text]. */
function linesOutside(): [string, string][] {
  return (readdirSync(SRC, { recursive: true, encoding: "utf8" }) as string[])
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .filter((file) => !file.startsWith("sae/"))
    .flatMap((file) =>
      readFileSync(join(SRC, file), "utf8")
        .split("\n")
        .map((text, i): [string, string] => [`src/${file}:${i + 1}`, text]),
    )
    .filter(([, text]) => !/^\s*(\*|\/\/|\/\*\*)/.test(text));
}

const NAMES = ARCHITECTURES.map(({ name }) => name).join("|");

/** What asks for the architecture: its selection's kind, or its name compared with one of ours. */
const ASKS = [
  /selection\.kind/,
  /\bkind\s*[!=]==?\s*"(topk|relu|jumprelu|gated|batchtopk)"/,
  new RegExp(`[!=]==?\\s*"(${NAMES})"`),
  /architecture\w*\.(startsWith|includes|endsWith)\(/,
];

/** Files of other programs have names of their own, some of which are also ours. */
const FOREIGN = /^src\/interchange\//;

test("nothing outside src/sae asks which architecture it has", () => {
  const asking = linesOutside().filter(
    ([where, text]) => !FOREIGN.test(where) && ASKS.some((pattern) => pattern.test(text)),
  );
  expect(asking).toEqual([]);
});

test("nothing outside src/sae and the readers of foreign formats names an architecture", () => {
  const named = linesOutside().filter(
    ([where, text]) =>
      !where.startsWith("src/interchange/") && new RegExp(`["'](${NAMES})["']`).test(text),
  );
  expect(named).toEqual([]);
});

test("nothing outside src/sae imports one architecture or a part of the fused step", () => {
  // The library's own list of exports may name what it hands on.
  const importing = linesOutside().filter(
    ([where, text]) =>
      !where.startsWith("src/index.ts") && /from ".*sae\/(linear|architectures)\//.test(text),
  );
  expect(importing).toEqual([]);
});

test("every architecture of the fused step has a golden run, and all have options with defaults and a line where they come from", () => {
  const goldens = readdirSync(join(ROOT, "test/golden/training"));
  for (const { name, options, defaults, source, restore } of ARCHITECTURES) {
    // The tape's operations have goldens, and its SAEs are compared with the fused step.
    if (!restore) expect(goldens).toContain(`${name}.safetensors`);
    expect(Object.keys(defaults({ dIn: 64, dSae: 128 })).sort()).toEqual(
      Object.keys(options).sort(),
    );
    expect(source).toMatch(/arXiv|https:/);
  }
});
