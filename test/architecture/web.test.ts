/**
 * The page takes types from src/, and of its code figures and statistics alone: everything else
 * there may use Node, the disk and the native core.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const WEB = join(ROOT, "web");

/** Files of web/ but for tests, with their text. */
const files = readdirSync(WEB, { recursive: true, encoding: "utf8" })
  .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$/.test(file))
  .map((file): [string, string] => [file, readFileSync(join(WEB, file), "utf8")]);

/** Files that a text imports code from, types aside, relative to the root. */
function codeImports(file: string, text: string): string[] {
  const statements = /^(?:import|export)\s+(?!type\b)(?:([^"';]*?)\s+from\s+)?["'](\.[^"']+)["']/gm;
  return [...text.matchAll(statements)]
    .filter(([, names]) => !/^\{(\s*type [^,}]*,?)+\s*\}$/.test(names ?? ""))
    .map(([, , target]) => relative(ROOT, resolve(WEB, dirname(file), target!)));
}

const ALLOWED = ["web/", "src/figures/", "src/base/statistics/"];

test("the page imports figures, statistics and types from src, and nothing else", () => {
  const found = files.flatMap(([file, text]) =>
    codeImports(file, text)
      .filter((target) => !ALLOWED.some((folder) => target.startsWith(folder)))
      .map((target) => `${file} -> ${target}`),
  );
  expect(found).toEqual([]);
});

test("an import of code is found, one of types is not", () => {
  const of = (text: string) => codeImports("views/x.tsx", text);
  expect(of(`import { a } from "../../src/runs/a.ts";`)).toEqual(["src/runs/a.ts"]);
  expect(of(`import {\n  a,\n  type B,\n} from "../../src/runs/a.ts";`)).toHaveLength(1);
  expect(of(`import "../../src/runs/a.ts";`)).toHaveLength(1);
  expect(of(`import type { B } from "../../src/runs/a.ts";`)).toEqual([]);
  expect(of(`import { type B } from "../../src/runs/a.ts";`)).toEqual([]);
});

/** Files that code of the page leads to. */
function reached(from: readonly string[]): Set<string> {
  const found = new Set<string>();
  const visit = (file: string): void => {
    if (found.has(file)) return;
    found.add(file);
    const text = readFileSync(join(ROOT, file), "utf8");
    for (const target of codeImports(relative(WEB, join(ROOT, file)), text))
      if (/\.tsx?$/.test(target)) visit(target);
  };
  for (const file of from) visit(file);
  return found;
}

test("nothing that the page loads needs Node", () => {
  const needing = [...reached(["web/main.tsx", "web/figures/figures.ts", "web/figures/scatter.ts"])]
    .filter((file) =>
      /from "node:|require\(|process\./.test(readFileSync(join(ROOT, file), "utf8")),
    )
    .sort();
  expect(needing).toEqual([]);
});

test("the script of figures has every mark that a figure draws with", () => {
  const drawn = ["src/figures/plot", "src/figures/latents"].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).flatMap((name) =>
      name.endsWith(".test.ts")
        ? []
        : [...readFileSync(join(ROOT, folder, name), "utf8").matchAll(/\bplot\.(\w+)\(/g)].map(
            ([, mark]) => mark!,
          ),
    ),
  );
  const script = readFileSync(join(WEB, "figures/figures.ts"), "utf8");
  const [, used] = /const USED = \{([^}]*)\}/.exec(script)!;
  expect(used!.match(/\w+/g)!.sort()).toEqual([...new Set(drawn)].sort());
});
