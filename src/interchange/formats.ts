/** @file Every format of SAE files that can be read, and which one a folder is of. */

import { readdir } from "node:fs/promises";
import type { Backend } from "../backend/backend.ts";
import { ConcordError } from "../errors.ts";
import { ioError } from "../formats/io-error.ts";
import { dictionaryLearning } from "./dictionary-learning.ts";
import type { LoadedSae, SaeFormat } from "./format.ts";
import { gemmaScope } from "./gemma-scope.ts";
import { saelens } from "./saelens-format.ts";
import { sparsify } from "./sparsify.ts";

/** The formats, in the order in which a folder is tried. */
export const SAE_FORMATS: readonly SaeFormat[] = [
  sparsify,
  saelens,
  dictionaryLearning,
  gemmaScope,
];

/**
 * The format of a folder; undefined when it holds none of them.
 *
 * @throws {ConcordError} `file/missing`, `file/io`.
 */
export async function saeFormatOf(folder: string): Promise<SaeFormat | undefined> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    throw ioError(error, "read", folder);
  }
  const files = new Set(names);
  return SAE_FORMATS.find((format) => format.recognises(files));
}

/**
 * Reads the SAE of a folder, whichever program saved it.
 *
 * @throws {ConcordError} `format/invalid` when the folder is of no known format; errors of the
 *   format.
 */
export async function readSae(backend: Backend, folder: string): Promise<LoadedSae> {
  const format = await saeFormatOf(folder);
  if (format) return format.read(backend, folder);
  throw new ConcordError("format/invalid", `${folder} is not the folder of an SAE.`, {
    hint: `Known are ${SAE_FORMATS.map(({ name, summary }) => `${name} (${summary})`).join("; ")}.`,
  });
}
