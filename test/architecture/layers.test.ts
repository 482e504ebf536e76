import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

/** Folders of src/ by level; a file may import from its own folder and from lower levels only. */
const LEVELS: Readonly<Record<string, number>> = {
  "errors.ts": 0,
  base: 1,
  backend: 2,
  fetch: 2,
  formats: 2,
  inference: 3,
  linalg: 3,
  sources: 3,
  symmetry: 3,
  tape: 3,
  metrics: 4,
  sae: 4,
  consistency: 5,
  evaluate: 5,
  interchange: 5,
  population: 5,
  evidence: 6,
  figures: 6,
  runs: 6,
  domains: 7,
  analyses: 8,
  config: 8,
  experiments: 8,
  report: 8,
  cli: 9,
  jobs: 9,
  server: 9,
  "index.ts": 10,
};

/**
 * The one-way streets between folders of the same level: the key may import from the values, never
 * back. The reference checksum is that of the file formats; downloads are written as files are;
 * the matrices of a group are fitted by linear algebra or on the tape; sources of orbits have them;
 * a population is coupled with consistency's matching; SAE folders are encoded with, and SAEs are
 * judged by the known features that they match; a config lists analyses; recipes are built from a
 * validated config; the command line starts the server, and jobs.
 */
const SAME_LEVEL: Readonly<Record<string, readonly string[]>> = {
  backend: ["formats"],
  fetch: ["formats"],
  symmetry: ["linalg", "tape"],
  sources: ["symmetry"],
  population: ["consistency"],
  evaluate: ["interchange", "consistency"],
  config: ["analyses"],
  experiments: ["analyses", "config"],
  report: ["analyses"],
  cli: ["server", "jobs"],
};

const SRC = resolve(import.meta.dirname, "../../src");

function sourceFiles(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((f) => /\.tsx?$/.test(f));
}

test("every folder of src has a level", () => {
  const tops = new Set(sources().map(([f]) => f.split("/")[0]!));
  expect([...tops].filter((top) => !(top in LEVELS))).toEqual([]);
});

/** The files of src that `text`, a file of src, imports from. */
function importsOf(file: string, text: string): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g)].map((match) =>
    relative(SRC, resolve(SRC, dirname(file), match[1]!)),
  );
}

/** Imports of `text`, a file of src, that do not go down. */
function upwardImports(file: string, text: string): string[] {
  const from = file.split("/")[0]!;
  return importsOf(file, text)
    .filter((target) => {
      const to = target.split("/")[0]!;
      const isDown = (LEVELS[to] ?? 99) < (LEVELS[from] ?? -1);
      const isKnown = SAME_LEVEL[from]?.includes(to);
      return to !== from && !isDown && !isKnown;
    })
    .map((target) => `${file} -> ${target}`);
}

/** Files of src that are not tests, with their text. */
function sources(): [string, string][] {
  return sourceFiles()
    .filter((file) => !file.endsWith(".test.ts"))
    .map((file) => [file, readFileSync(join(SRC, file), "utf8")]);
}

test("imports go down only", () => {
  expect(sources().flatMap(([file, text]) => upwardImports(file, text))).toEqual([]);
});

test("an import that goes up is found, however it is written", () => {
  const upward = (text: string) => upwardImports("sae/x.ts", text).length;
  expect(upward(`import { a } from "../population/population.ts";`)).toBe(1);
  expect(upward(`import type {\n  A,\n} from '../cli/main.ts';`)).toBe(1);
  expect(upward(`export * from "../index.ts";`)).toBe(1);
  expect(upward(`await import("../runs/run-folder.ts");`)).toBe(1);
  expect(upward(`import "../figures/svg.ts";`)).toBe(1);
  expect(upward(`import { b } from "../base/tensor.ts"; import c from "./member.ts";`)).toBe(0);
});

/** `eeg` for a file of src/domains/eeg/; undefined for one of the core or of the contract. */
function wingOf(file: string): string | undefined {
  return /^domains\/([^/]+)\//.exec(file)?.[1];
}

/**
 * Files outside wings that may import from wings: the list of domains, the verbs of wings, and the
 * library, which exports everything.
 */
function knowsWings(file: string): boolean {
  return file === "domains/domains.ts" || file === "index.ts" || file.startsWith("cli/wings/");
}

/** Imports of a wing by the core, or by another wing. */
function importsOfWings(file: string, text: string): string[] {
  return importsOf(file, text)
    .filter((target) => {
      const wing = wingOf(target);
      return wing !== undefined && wing !== wingOf(file) && !knowsWings(file);
    })
    .map((target) => `${file} -> ${target}`);
}

test("the core knows no wing, and no wing knows another", () => {
  expect(sources().flatMap(([file, text]) => importsOfWings(file, text))).toEqual([]);
});

test("an import of a wing is found", () => {
  const wing = `import { eeg } from "../domains/eeg/eeg.ts";`;
  expect(importsOfWings("report/x.ts", wing)).toEqual(["report/x.ts -> domains/eeg/eeg.ts"]);
  expect(importsOfWings("index.ts", `export * from "./domains/eeg/eeg.ts";`)).toEqual([]);
  const other = `import type { Hook } from "../../language/models/hooks.ts";`;
  expect(importsOfWings("domains/eeg/signal/x.ts", other)).toHaveLength(1);
  const own = `import { fft } from "../signal/fft.ts"; import { Domain } from "../../domain.ts";`;
  expect(importsOfWings("domains/eeg/windows/x.ts", own)).toEqual([]);
});

/** Words that belong to one kind of data. */
const WORDS_OF_WINGS =
  /electrode|montage|scalp|\beeg|\bedf\b|\bbdf\b|language.?model|tokeni[sz]er|\bsimulated\b/i;

/** What may name a kind of data outside its wing, and why. */
const MAY_SPEAK_OF_WINGS: Readonly<Record<string, string>> = {
  "formats/signatures.ts": "tells a person with which kind of source a file is opened",
  "cli/host.ts": "lists the versions of libraries by their names",
};

test("the core has no word of one kind of data", () => {
  const found = sources()
    .filter(([file]) => wingOf(file) === undefined && !knowsWings(file))
    .filter(([file]) => !(file in MAY_SPEAK_OF_WINGS))
    .flatMap(([file, text]) =>
      text
        .split("\n")
        .flatMap((line, i) =>
          WORDS_OF_WINGS.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [],
        ),
    );
  expect(found).toEqual([]);
});

test("clocks, the environment, the console and unseeded randomness are the command line's alone", () => {
  const worldly =
    /process\.(exit|env|argv|stdout|stderr|stdin)|\bconsole\.|Date\.now|new Date\(\)|performance\.|Math\.random/;
  const found = sources()
    .filter(([file]) => !file.startsWith("cli/") && !file.startsWith("server/"))
    .flatMap(([file, text]) =>
      text
        .split("\n")
        .filter((line) => worldly.test(line) && !/^\s*(\*|\/\/|\/\*\*)/.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
  expect(found).toEqual([]);
});

test("of native/, only its addons know Node", () => {
  const native = resolve(SRC, "../native");
  const files = readdirSync(native, { recursive: true, encoding: "utf8" });
  const knowing = files
    .filter((file) => /\.(cpp|hpp)$/.test(file) && !/^(node|gloo)\//.test(file))
    .filter((file) => /napi|node_api|\bv8::/i.test(readFileSync(join(native, file), "utf8")));
  expect(knowing).toEqual([]);
});
