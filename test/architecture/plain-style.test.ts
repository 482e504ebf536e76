/**
 * @file Rules of style that a formatter does not know: comments of 100 columns and sentences of 25
 *   words, literals written out, phrases that plain English does not have.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { sentencesOf, wordsOf } from "../support/sentences.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const FOLDERS = ["src", "web", "test", "scripts", "bench", "examples", "studies", "native"];

/** Every source file with its text. */
function sources(): [string, string][] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(tsx?|mjs|cjs|cpp|hpp)$/.test(file))
      .map((file): [string, string] => [
        join(folder, file),
        readFileSync(join(ROOT, folder, file), "utf8"),
      ]),
  );
}

/** Python files, which make golden files, and the script of the continuous integration. */
function scripts(): [string, string][] {
  const inside = ["test", "bench"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".py"))
      .map((file) => join(folder, file)),
  );
  return [...inside, ".ci/run"].map((file) => [file, readFileSync(join(ROOT, file), "utf8")]);
}

test("comments keep to 100 columns", () => {
  const longIn = (files: readonly [string, string][], comment: RegExp) =>
    files.flatMap(([file, text]) =>
      text
        .split("\n")
        .flatMap((line, i) =>
          line.length > 100 && comment.test(line) ? [`${file}:${i + 1}`] : [],
        ),
    );
  expect(longIn(sources(), /^\s*(\* |\/\/|\/\*)/)).toEqual([]);
  // A documentation string is code to a pattern, so prose is told by its first characters.
  expect(longIn(scripts(), /^\s*(#|"""|[A-Z][a-z]+ )/)).toEqual([]);
});

/** More words than this are more than one idea. */
const MOST_WORDS = 25;

test("sentences of comments have 25 words at most", () => {
  const long = [...sources()]
    .filter(([file]) => /^(src|web|native|scripts)\//.test(file))
    .flatMap(([file, text]) =>
      sentencesOf(text)
        .filter((sentence) => wordsOf(sentence.text) > MOST_WORDS)
        .map(({ line, text: words }) => `${file}:${line}: ${words.slice(0, 60)}`),
    );
  expect(long).toEqual([]);
});

describe("the sentences of comments", () => {
  const of = (source: string) => sentencesOf(source).map(({ text }) => text);

  test("run over lines, and end at a full stop before a space", () => {
    expect(of("// One of\n// two lines. Two: a.b\ncode();\n// Three")).toEqual([
      "One of two lines.",
      "Two: a.b",
      "Three",
    ]);
    expect(of("/** One. */\nconst a = 2 * 3;\n/**\n * Two\n * lines.\n */")).toEqual([
      "One.",
      "Two lines.",
    ]);
  });

  test("know the line that their paragraph begins in", () => {
    expect(sentencesOf("code\n/**\n * A.\n *\n * B\n * c.\n */").map((s) => s.line)).toEqual([
      3, 5,
    ]);
  });

  test("are not those of formulas, tables, examples and code", () => {
    const source = `/**
 * A formula:
 *
 *   x = y z and some words
 *
 * | a | table |
 *
 * @example f(1) // two words
 */
const notOne = "// a string"; /* none */
  * alsoNone;`;
    expect(of(source)).toEqual(["A formula:"]);
  });

  test("are those of tags and lists, each on its own", () => {
    const source = `/**
 * @param rate What it
 *   is.
 * @throws {ConcordError} \`a/b\` when so; \`c/d\` when not.
 * - one
 *   two
 * - three
 */`;
    expect(of(source)).toEqual([
      "What it is.",
      "code when so.",
      "code when not.",
      "- one two",
      "- three",
    ]);
  });

  test("have words of letters alone; code, numbers and sources do not count", () => {
    expect(wordsOf("A word isn't W_dec, 3 or x̂ = y.")).toBe(4);
    expect(
      wordsOf(of("// See (Gadgil et al. 2026, arXiv:1) and `some code here` there.")[0]!),
    ).toBe(4);
    expect(wordsOf("read/write one-to-one – twice")).toBe(4);
  });
});

const CLOSING: Readonly<Record<string, string>> = { "[": "]", "{": "}" };

/** Where the bracket that opens at `start` closes; strings and comments are treated alike. */
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

/** Phrases that are not plain English, and what to write instead. */
const REFUSED: readonly (readonly [phrase: RegExp, instead: string])[] = [
  [
    /(?<!there )\b(?:is|are|was|were) no (?!longer|more|better|wider|less|larger|evidence)[a-z]/i,
    '"is not a"',
  ],
  [
    /\b(?:many|numbers|values|rows|tokens|bytes|d_in) to an? (?:row|line|window|step)\b/,
    '"per row"',
  ],
  [/\b(?:ms|bytes|tokens|requests|activations|times) an? (?:row|second|step|line)\b/, '"per"'],
  [/\bfounding (?:program|code|study)\b/i, '"the MFR authors\' code", or whose program it is'],
  [/\btold apart\b/, '"distinguished"'],
  [/\basked for wrongly\b/, "what was expected and what came"],
  [/\b(?:lie|lying) about(?! zero)\b/, '"stay uncollected"'],
  [/\bwas built of\b/, '"was built from"'],
  [/\bwhat is typed behind\b/i, '"the command line of"'],
];

const PROSE = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "GLOSSARY.md"];

/** Sources, and the pages that a person writes, those of studies among them. */
function prose(): [string, string][] {
  const pages = readdirSync(join(ROOT, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file));
  const studies = readdirSync(join(ROOT, "studies"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join("studies", name, "page.md"))
    // A study that has not run yet may have no page.
    .filter((file) => existsSync(join(ROOT, file)));
  const texts = [...PROSE, ...pages, ...studies, "examples/study/page.md"].map(
    (file): [string, string] => [file, readFileSync(join(ROOT, file), "utf8")],
  );
  return [...sources(), ...texts].filter(([file]) => !file.endsWith("plain-style.test.ts"));
}

/** Refused phrases of a text, by line. A phrase may run over the end of a line of a comment. */
function refusals(text: string): [line: number, instead: string][] {
  const joined = text.replace(/\n\s*(?:\*|\/\/\/?) +(?=\S)/g, (gap) => " ".repeat(gap.length));
  return REFUSED.flatMap(([phrase, instead]) => {
    const pattern = new RegExp(phrase.source.replaceAll(" ", " +"), `g${phrase.flags}`);
    return [...joined.matchAll(pattern)].map((match): [number, string] => [
      text.slice(0, match.index).split("\n").length,
      instead,
    ]);
  });
}

test("comments, pages and messages are in plain English", () => {
  const found = prose().flatMap(([file, text]) =>
    refusals(text).map(([line, instead]) => `${file}:${line}: write ${instead}`),
  );
  expect(found).toEqual([]);
});

test("a refused phrase is found, over the end of a line too", () => {
  expect(refusals("ok\n// A tie is no error.")).toEqual([[2, '"is not a"']]);
  expect(refusals("/**\n * A tie is\n * no error.\n */")).toEqual([[2, '"is not a"']]);
  expect(refusals("// There is no tie, and x is no longer than y.")).toEqual([]);
  expect(refusals('const x = "512 bytes a row";')).toEqual([[1, '"per"']]);
});

/** Words of the sources that have a meaning here that a dictionary does not give. */
const HOME_MADE = [
  "candidate",
  "certificate",
  "digest",
  "facts",
  "faithful",
  "hook",
  "independent member",
  "margin",
  "member",
  "null",
  "price",
  "pull",
  "reach",
  "recipe",
  "screen",
  "setting",
  "store",
  "stretch",
  "substitute",
  "survey",
  "template",
  "unit rows",
  "wing",
];

test("every home-made word is in the glossary", () => {
  const rows = readFileSync(join(ROOT, "GLOSSARY.md"), "utf8").matchAll(/^\| ([^|]+) \|/gm);
  const defined = [...rows].flatMap(([, words]) => words!.split(", "));
  expect(HOME_MADE.filter((word) => !defined.includes(word))).toEqual([]);
});
