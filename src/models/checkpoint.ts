/**
 * @file A Hugging Face checkpoint folder: `config.json` and the places of the weights in `model.safetensors`, or in the shards that
 * `model.safetensors.index.json` lists. Only headers are read; the weights stay where they are.
 */

import { readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ConcordError, FormatError } from "../errors.ts";
import { ioError } from "../formats/io-error.ts";
import { openSafetensors } from "../formats/safetensors-file.ts";
import type { DType } from "../tensor/dtype.ts";
import { ModelConfig } from "./model-config.ts";

/** Where one weight lies. */
export interface WeightPlace {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Base name of the file, unique in the checkpoint. */
  readonly file: string;
  readonly offset: number;
  readonly byteLength: number;
}

export interface Checkpoint {
  readonly folder: string;
  readonly config: ModelConfig;
  readonly weights: ReadonlyMap<string, WeightPlace>;
  /** Folder of each weight file with symbolic links resolved, by base name: the Hugging Face cache keeps links only. */
  readonly fileFolders: ReadonlyMap<string, string>;
}

/** Model configs and shard lists are kilobytes; anything near this is not one. */
const JSON_BYTES_MAX = 64 * 2 ** 20;

/**
 * Reads a JSON object from a file of a model folder.
 *
 * @throws {ConcordError} `file/missing` naming the file, {FormatError} when it is no JSON object.
 */
export async function readJsonObject(path: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > JSON_BYTES_MAX)
      throw new ConcordError(
        "format/too-large",
        `${path}: ${size} bytes are too many for a JSON file of a model.`,
      );
    text = await readFile(path, "utf8");
  } catch (error) {
    throw ioError(error, "read", path);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(path, "not valid JSON", { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new FormatError(path, "expected a JSON object");
  return value as Record<string, unknown>;
}

/** Whether a file or folder is there; a broken link is not. */
export async function exists(path: string): Promise<boolean> {
  return realpath(path).then(
    () => true,
    () => false,
  );
}

/** The JSON object of a file that need not be there; {} when it is not. @throws {FormatError} when it is not a JSON object. */
export async function readIfThere(path: string): Promise<Readonly<Record<string, unknown>>> {
  return (await exists(path)) ? readJsonObject(path) : {};
}

const WEIGHTS = "model.safetensors";
const SHARDS = "model.safetensors.index.json";

/** Whether a folder holds weights that {@link openCheckpoint} reads. */
export async function hasWeights(folder: string): Promise<boolean> {
  for (const file of [WEIGHTS, SHARDS]) if (await exists(join(folder, file))) return true;
  return false;
}

/** Names of the files that hold the weights. */
async function weightFiles(folder: string): Promise<string[]> {
  const single = join(folder, WEIGHTS);
  if (await exists(single)) return [WEIGHTS];
  const indexPath = join(folder, SHARDS);
  if (!(await exists(indexPath))) {
    const pickled = await exists(join(folder, "pytorch_model.bin"));
    throw new ConcordError(
      "file/missing",
      `The model folder ${folder} has no model.safetensors (and no model.safetensors.index.json).`,
      {
        hint: pickled
          ? "pytorch_model.bin is a Python pickle, which Concord does not run; convert it to safetensors"
          : "check the path, or download the model again",
      },
    );
  }
  const map = (await readJsonObject(indexPath))["weight_map"];
  if (typeof map !== "object" || map === null)
    throw new FormatError(indexPath, 'expected an object under "weight_map"');
  const files = [...new Set(Object.values(map))].sort();
  for (const file of files)
    if (typeof file !== "string" || basename(file) !== file)
      throw new FormatError(
        indexPath,
        `expected file names in "weight_map" but found ${JSON.stringify(file)}`,
      );
  return files as string[];
}

/**
 * Opens a checkpoint folder.
 *
 * @throws {ConcordError} `file/missing` naming the file that the folder lacks; {FormatError} when one is damaged.
 */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  const configPath = join(folder, "config.json");
  if (!(await exists(folder)))
    throw new ConcordError("file/missing", `There is no model folder ${folder}.`);
  if (!(await exists(configPath)))
    throw new ConcordError("file/missing", `The model folder ${folder} has no config.json.`, {
      hint: "a Hugging Face checkpoint folder holds config.json, model.safetensors and tokenizer.json",
    });
  const config = new ModelConfig(await readJsonObject(configPath), configPath);
  const weights = new Map<string, WeightPlace>();
  const fileFolders = new Map<string, string>();
  for (const shard of await weightFiles(folder)) {
    const path = join(folder, shard);
    if (!(await exists(path)))
      throw new ConcordError("file/missing", `The model folder ${folder} has no ${shard}.`, {
        hint: "model.safetensors.index.json lists it; download the model again",
      });
    const real = await realpath(path);
    fileFolders.set(basename(real), dirname(real));
    const file = await openSafetensors(real);
    for (const name of file.names) {
      const { dtype, shape, start, end } = file.entry(name);
      const place = { dtype, shape, file: basename(real), offset: start, byteLength: end - start };
      weights.set(name, place);
    }
    await file.close();
  }
  return { folder, config, weights, fileFolders };
}
