/** @file An ONNX file from disk, and where the files of its weights are. */

import { readFile, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { ConcordError, FormatError } from "../errors.ts";
import { ioError } from "../formats/io-error.ts";
import { decodeModel, type ModelProto } from "../formats/onnx/messages.ts";
import type { FileFolders } from "./session.ts";

/** Protobuf's limit; larger models keep their weights in a file of their own. */
const FILE_BYTES_MAX = 2 ** 31 - 1;

async function readBounded(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > FILE_BYTES_MAX)
      throw new ConcordError("format/too-large", `${path}: ${size} bytes, above protobuf's 2 GiB`);
    return await readFile(path);
  } catch (error) {
    throw ioError(error, "read", path);
  }
}

/** The external weight files that the model names, all in its own folder. */
function externalFolders(model: ModelProto, folder: string, where: string): FileFolders {
  const folders = new Map<string, string>();
  for (const { externalData, name } of model.graph.initializer)
    for (const { key, value } of externalData ?? []) {
      if (key !== "location") continue;
      if (value.startsWith("/") || value.split(/[\\/]/).includes(".."))
        throw new FormatError(where, `weight "${name}" lies outside the model's folder: ${value}`);
      folders.set(value, folder);
    }
  return folders;
}

/**
 * Reads an ONNX file.
 *
 * @throws {ConcordError} `file/missing`, `format/too-large`; {FormatError} for another file, or
 *   weights outside the model's folder.
 */
export async function readModelFile(
  path: string,
): Promise<{ readonly model: ModelProto; readonly folders: FileFolders }> {
  const bytes = await readBounded(path);
  const model = decodeModel(bytes, path);
  return { model, folders: externalFolders(model, dirname(await realpath(path)), path) };
}
