/**
 * @file Which file of a model folder holds the model, and where the files beside an ONNX file are.
 */

import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ConcordError } from "../../../errors.ts";
import { ioError } from "../../../formats/io-error.ts";
import { exists, hasWeights, readIfThere } from "./checkpoint.ts";
import { FAMILY_NAMES } from "./families/registry.ts";

/**
 * What a path leads to: a checkpoint folder whose graph is built here, or an ONNX file, and the
 * folder of its tokenizer.
 */
export interface ModelFiles {
  readonly kind: "checkpoint" | "onnx";
  readonly path: string;
  readonly tokenizerFolder: string;
}

/**
 * The folder with the tokenizer and the configs of an ONNX file: its own, or the one above where it
 * lies in a folder `onnx`.
 */
export async function onnxFolder(path: string): Promise<string> {
  const folder = dirname(path);
  const isBeside = (await exists(join(folder, "tokenizer.json"))) || basename(folder) !== "onnx";
  return isBeside ? folder : dirname(folder);
}

/**
 * The ONNX file of a model folder: `model.onnx`, else the only one, there or in a folder `onnx`.
 */
async function onnxFileIn(folder: string): Promise<string | undefined> {
  const found: string[] = [];
  for (const place of [folder, join(folder, "onnx")]) {
    const names = await readdir(place).catch((): string[] => []);
    if (names.includes("model.onnx")) return join(place, "model.onnx");
    for (const name of names) if (name.endsWith(".onnx")) found.push(join(place, name));
  }
  if (found.length > 1)
    throw new ConcordError(
      "argument/invalid",
      `${folder} holds ${found.length} ONNX files and none is called model.onnx.`,
      { hint: `Give the path of one: ${found.join(", ")}` },
    );
  return found[0];
}

/**
 * Finds the model in a folder, or at a path of an ONNX file. Where a folder holds both, weights are
 * preferred of a family that is built in.
 *
 * @throws {ConcordError} `argument/invalid` for another kind of file, or for several ONNX files;
 *   `file/missing`.
 */
export async function findModelFiles(path: string): Promise<ModelFiles> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (error) {
    throw ioError(error, "read", path);
  }
  if (!isFolder) {
    if (path.endsWith(".onnx"))
      return { kind: "onnx", path, tokenizerFolder: await onnxFolder(path) };
    throw new ConcordError(
      "argument/invalid",
      `${path} is neither a model folder nor an ONNX or GGUF file.`,
      {
        hint: "Give the folder that holds config.json, or a file that ends in .onnx or .gguf.",
      },
    );
  }
  const onnx = await onnxFileIn(path);
  const type =
    onnx === undefined ? undefined : (await readIfThere(join(path, "config.json")))["model_type"];
  const isBuilt =
    onnx === undefined || ((await hasWeights(path)) && FAMILY_NAMES.includes(String(type)));
  return isBuilt
    ? { kind: "checkpoint", path, tokenizerFolder: path }
    : { kind: "onnx", path: onnx, tokenizerFolder: await onnxFolder(onnx) };
}
