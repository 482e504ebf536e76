/** Rules of style that a formatter does not know: comments of 100 columns, literals written out. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const FOLDERS = ["src", "test", "scripts", "bench", "examples", "studies", "native"];

/** Every source file with its text. */
function sources(): [string, string][] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(ts|mjs|cjs|cpp|hpp)$/.test(file))
      .map((file): [string, string] => [
        join(folder, file),
        readFileSync(join(ROOT, folder, file), "utf8"),
      ]),
  );
}

const isComment = (line: string) => /^\s*(\* |\/\/|\/\*)/.test(line);

test("comments keep to 100 columns", () => {
  const long = sources().flatMap(([file, text]) =>
    text
      .split("\n")
      .flatMap((line, i) => (line.length > 100 && isComment(line) ? [`${file}:${i + 1}`] : [])),
  );
  expect(long).toEqual([]);
});

const CLOSING: Readonly<Record<string, string>> = { "[": "]", "{": "}" };

/** Where the bracket that opens at `start` closes; strings and comments are not told apart. */
function closingOf(text: string, start: number): number {
  const open = text[start]!;
  const close = CLOSING[open]!;
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    if (text[i] === open) depth++;
    if (text[i] === close && --depth === 0) return i;
  }
  return text.length;
}

/** Lines that spread a literal into a literal: the bracket that closes it ends the element. */
function groupingSpreads(text: string): number[] {
  return [...text.matchAll(/(?<=[[{,]\s*)\.\.\.([[{])/g)].flatMap((match) => {
    const end = closingOf(text, match.index + match[0].length - 1);
    const isWhole = /^\s*[,\]}]/.test(text.slice(end + 1));
    return isWhole ? [text.slice(0, match.index).split("\n").length] : [];
  });
}

test("literals are written out, never grouped by spreading", () => {
  const found = sources()
    .filter(([file]) => !file.startsWith("native") && !file.endsWith("plain-style.test.ts"))
    .flatMap(([file, text]) => groupingSpreads(text).map((line) => `${file}:${line}`));
  expect(found).toEqual([]);
});

test("a grouping spread is found, a spread of a value is not", () => {
  expect(groupingSpreads("const x = {\n  ...{ a, b },\n  c };")).toEqual([2]);
  expect(groupingSpreads("const x = [1, ...[a, [b]]];")).toEqual([1]);
  expect(groupingSpreads("const x = [...[1, 2].map(f), ...(c ? [1] : [])];")).toEqual([]);
  expect(groupingSpreads("const x = { ...rest, ...(c && { d }) };")).toEqual([]);
});
