/** @file Every format of SAE files, and which one a folder or a file is of. */

import { readdir } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Backend } from "../backend/backend.ts";
import { ConcordError } from "../errors.ts";
import { ioError } from "../formats/io-error.ts";
import { concord } from "./concord-format.ts";
import { dictionaryLearning } from "./dictionary-learning.ts";
import type { LoadedSae, SaeFormat } from "./format.ts";
import { gemmaScope, gemmaScope2 } from "./gemma-scope.ts";
import { openai } from "./openai.ts";
import { saelens } from "./saelens-format.ts";
import { sparsify } from "./sparsify.ts";

/** The formats, in the order in which a folder is tried. */
export const SAE_FORMATS: readonly SaeFormat[] = [
  sparsify,
  concord,
  saelens,
  dictionaryLearning,
  gemmaScope,
  gemmaScope2,
  openai,
];

/** Where an SAE was found. */
export interface SaePlace {
  readonly format: SaeFormat;
  readonly folder: string;
  /** Names of the files that are read. */
  readonly files: readonly string[];
}

/**
 * The format of a folder with these files, or of one of them; undefined when it is of none.
 *
 * @param file The file that a person named: part of a format's folder, or a `.pt` file by itself.
 */
export function formatOfNames(
  names: Iterable<string>,
  file?: string,
): Pick<SaePlace, "format" | "files"> | undefined {
  const all = new Set(names);
  for (const format of SAE_FORMATS) {
    const files = format.files(all);
    if (files && (file === undefined || files.includes(file))) return { format, files };
  }
  return file?.endsWith(".pt") ? { format: openai, files: [file] } : undefined;
}

async function namesIn(folder: string): Promise<string[] | undefined> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as { code?: string }).code === "ENOTDIR") return undefined;
    throw ioError(error, "read", folder);
  }
}

/**
 * The SAE at a path: a folder, one of the files that its format reads, or a `.pt` file among
 * others.
 *
 * @returns Undefined when nothing there is of a known format.
 * @throws {ConcordError} `file/missing`, `file/io`.
 */
export async function findSae(path: string): Promise<SaePlace | undefined> {
  const names = await namesIn(path);
  const [folder, file] = names ? [path] : [dirname(path), basename(path)];
  const found = formatOfNames(names ?? (await namesIn(folder)) ?? [], file);
  return found && { folder, ...found };
}

/** What is known, for the hint of an error. */
export function knownFormats(): string {
  return `Known are ${SAE_FORMATS.map(({ name, summary }) => `${name} (${summary})`).join("; ")}.`;
}

/**
 * Reads the SAE at a path, whichever program saved it.
 *
 * @throws {ConcordError} `format/invalid` when it is of no known format; errors of the format.
 */
export async function readSae(backend: Backend, path: string): Promise<LoadedSae> {
  const place = await findSae(path);
  if (place) return place.format.read(backend, place.folder, place.files);
  throw new ConcordError("format/invalid", `${path} is not the folder of an SAE.`, {
    hint: knownFormats(),
  });
}
