/** @file Study files: found by path or name, imported, and checked. */

import { existsSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ConcordError, messageOf } from "../../errors.ts";
import { ioError } from "../../formats/io-error.ts";
import { checkStudy } from "./check-study.ts";
import type { Study } from "./study.ts";

/** Names of a study's file in its folder; the first that is there counts. */
const FILES = ["study.ts", "study.mts", "study.mjs", "study.js"] as const;

/** A study and where it lies. */
export interface LoadedStudy {
  /** The name of its folder. */
  readonly name: string;
  /** The folder of its page and its numbers. */
  readonly folder: string;
  readonly file: string;
  readonly study: Study;
}

function fileIn(folder: string): string | undefined {
  return FILES.map((name) => join(folder, name)).find((path) => existsSync(path));
}

/** The module of tsx that imports TypeScript, as a file at `from` would find it. */
function tsxApi(from: string): string | undefined {
  const require = createRequire(from);
  try {
    const { exports } = require("tsx/package.json") as {
      exports: Readonly<Record<string, { import: { default: string } }>>;
    };
    const root = dirname(require.resolve("tsx/package.json"));
    return join(root, exports["./esm/api"]!.import.default);
  } catch {
    return undefined;
  }
}

/** Imports TypeScript with tsx, if the study or Concord has it installed. */
async function importByTsx(file: string): Promise<unknown> {
  for (const from of [file, import.meta.filename]) {
    const api = tsxApi(from);
    if (api === undefined) continue;
    const { tsImport } = (await import(pathToFileURL(api).href)) as {
      tsImport: (file: string, parent: string) => Promise<unknown>;
    };
    return await tsImport(pathToFileURL(file).href, pathToFileURL(file).href);
  }
  throw new ConcordError("file/io", `This Node cannot read TypeScript: ${file}.`, {
    hint: "Use Node 22.18 or newer, npm install tsx beside the study, or call the file study.mjs.",
  });
}

async function imported(file: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    if (error instanceof ConcordError) throw error;
    const { code } = error as { code?: unknown };
    if (code === "ERR_UNKNOWN_FILE_EXTENSION") return await importByTsx(file);
    throw new ConcordError("format/invalid", `${file}: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * Finds a study's file: a path to it, to its folder, or a name below `root`.
 *
 * @throws {ConcordError} `file/missing` naming what was looked for.
 */
export function findStudyFile(study: string, root: string): string {
  for (const path of [resolve(study), resolve(root, study)]) {
    if (!existsSync(path)) continue;
    const file = statSync(path).isDirectory() ? fileIn(path) : path;
    if (file !== undefined) return file;
  }
  throw new ConcordError("file/missing", `There is no study ${study}, nor one in ${root}.`, {
    hint: `Expected a file, or a folder with ${FILES.join(", ")}. concord study list shows them.`,
  });
}

/**
 * Loads a study.
 *
 * @param file Its file; what it imports is looked for from there.
 * @throws {ConcordError} `format/invalid` when it cannot be imported, or does not declare a study.
 */
export async function loadStudy(file: string): Promise<LoadedStudy> {
  const path = resolve(file);
  const module = (await imported(path)) as { readonly default?: unknown };
  // CommonJS interop wraps the default once more.
  const inner = (module.default as { readonly default?: unknown } | undefined)?.default;
  const folder = dirname(path);
  return {
    name: basename(folder),
    folder,
    file: path,
    study: checkStudy(inner ?? module.default, path),
  };
}

/** The studies below a folder, by name: its own, and those of the folders in it. */
export async function listStudies(root: string): Promise<LoadedStudy[]> {
  if (!existsSync(root)) return [];
  const own = fileIn(root);
  const entries = await readdir(root, { withFileTypes: true }).catch((error: unknown) => {
    throw ioError(error, "list", root);
  });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const files = names.toSorted().map((name) => fileIn(join(root, name)));
  const found: LoadedStudy[] = [];
  for (const file of [own, ...files]) if (file !== undefined) found.push(await loadStudy(file));
  return found;
}
