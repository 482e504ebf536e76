/**
 * @file A Hugging Face checkpoint folder: `config.json` and the places of the weights in
 *   `model.safetensors`, else in `pytorch_model.bin`, or in the shards that their `.index.json`
 *   lists. Only headers are read; the weights stay where they are.
 */

import { readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { DType } from "../../../base/dtype.ts";
import { isObject } from "../../../base/json.ts";
import { ConcordError, FormatError } from "../../../errors.ts";
import { ioError } from "../../../formats/io-error.ts";
import { openSafetensors } from "../../../formats/safetensors-file.ts";
import { showName } from "../../../formats/show-name.ts";
import { openTorchFile } from "../../../formats/torch/torch-file.ts";
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
  /**
   * Folder of each weight file with symbolic links resolved, by base name: the Hugging Face cache
   * keeps links only.
   */
  readonly fileFolders: ReadonlyMap<string, string>;
}

/** A JSON object as it was parsed. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Model configs and shard lists are kilobytes; anything near this is not one. */
const JSON_BYTES_MAX = 64 * 2 ** 20;

/** Objects and lists in one another are this deep at most, in files that people write a handful. */
const JSON_DEPTH_MAX = 256;

/** Whether brackets lie deeper in one another than they may; those within strings do not count. */
function isTooDeep(json: string): boolean {
  let depth = 0;
  let isString = false;
  for (let i = 0; i < json.length; i++) {
    const c = json.charCodeAt(i);
    if (c === 0x22) isString = !isString;
    else if (isString) {
      if (c === 0x5c) i++;
    } else if (c === 0x7b || c === 0x5b) {
      if (++depth > JSON_DEPTH_MAX) return true;
    } else if (c === 0x7d || c === 0x5d) depth--;
  }
  return false;
}

/**
 * Parses a JSON object of a model folder.
 *
 * @throws {FormatError} when it is not one, or nested deeper than 256 levels.
 */
export function parseJsonObject(text: string, where: string): Record<string, unknown> {
  if (isTooDeep(text)) throw new FormatError(where, `nested deeper than ${JSON_DEPTH_MAX} levels`);
  let value: unknown;
  try {
    // Editors on Windows put a byte order mark in front.
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (cause) {
    throw new FormatError(where, "not valid JSON", { cause });
  }
  if (!isObject(value)) throw new FormatError(where, "expected a JSON object");
  return value;
}

/**
 * Reads a JSON object from a file of a model folder.
 *
 * @throws {ConcordError} `file/missing` naming the file, {FormatError} when it is not a JSON
 *   object.
 */
export async function readJsonObject(path: string): Promise<Record<string, unknown>> {
  try {
    const { size } = await stat(path);
    if (size > JSON_BYTES_MAX)
      throw new ConcordError(
        "format/too-large",
        `${path}: ${size} bytes are too many for a JSON file of a model.`,
      );
    return parseJsonObject(await readFile(path, "utf8"), path);
  } catch (error) {
    throw ioError(error, "read", path);
  }
}

/** Whether a file or folder is there; a broken link is not. */
export async function exists(path: string): Promise<boolean> {
  return realpath(path).then(
    () => true,
    () => false,
  );
}

/**
 * The JSON object of a file that need not be there; {} when it is not. @throws {FormatError} when
 * it is not a JSON object.
 */
export async function readIfThere(path: string): Promise<JsonObject> {
  return (await exists(path)) ? readJsonObject(path) : {};
}

/** Files of weights, and lists of their shards, in the order of preference. */
export const WEIGHTS = ["model.safetensors", "pytorch_model.bin"] as const;
/** The list of the shards of a file of weights. */
export const shardList = (file: string) => `${file}.index.json`;

/** Whether a folder holds weights that {@link openCheckpoint} reads. */
export async function hasWeights(folder: string): Promise<boolean> {
  for (const file of WEIGHTS)
    for (const name of [file, shardList(file)]) if (await exists(join(folder, name))) return true;
  return false;
}

/**
 * Names of the shards that a list of a model folder holds.
 *
 * @throws {FormatError} when it is damaged, or names what is not a file of the folder.
 */
export async function shardsOf(indexPath: string): Promise<string[]> {
  const map = (await readJsonObject(indexPath))["weight_map"];
  if (typeof map !== "object" || map === null)
    throw new FormatError(indexPath, 'expected an object under "weight_map"');
  const files = [...new Set(Object.values(map))].sort();
  if (files.length === 0) throw new FormatError(indexPath, "lists no shards");
  for (const file of files)
    if (typeof file !== "string" || basename(file) !== file)
      throw new FormatError(
        indexPath,
        `expected file names in "weight_map" but found ${JSON.stringify(file)}`,
      );
  return files as string[];
}

/** Names of the files that hold the weights. */
async function weightFiles(folder: string): Promise<string[]> {
  for (const file of WEIGHTS) {
    if (await exists(join(folder, file))) return [file];
    const list = join(folder, shardList(file));
    if (await exists(list)) return shardsOf(list);
  }
  throw new ConcordError(
    "file/missing",
    `The model folder ${folder} has no model.safetensors (and no model.safetensors.index.json or pytorch_model.bin).`,
    { hint: "check the path, or download the model again" },
  );
}

/** Places of the weights in a file of PyTorch, whose tensors lie there as they are used. */
async function placesInTorchFile(path: string): Promise<Map<string, WeightPlace>> {
  const file = await openTorchFile(path);
  try {
    const places = new Map<string, WeightPlace>();
    for (const name of file.names) {
      const { dtype, shape, start, end, isContiguous } = file.entry(name);
      if (!isContiguous)
        throw new FormatError(path, `weight ${showName(name)} is not stored in row-major order`, {
          hint: "Load the model with transformers and save it again, which writes safetensors.",
        });
      const byteLength = end - start;
      places.set(name, { dtype, shape, file: basename(path), offset: start, byteLength });
    }
    return places;
  } finally {
    await file.close();
  }
}

/** Places of the weights in a safetensors file. */
async function placesInSafetensors(path: string): Promise<Map<string, WeightPlace>> {
  const file = await openSafetensors(path);
  const places = new Map<string, WeightPlace>();
  for (const name of file.names) {
    const { dtype, shape, start, end } = file.entry(name);
    const byteLength = end - start;
    places.set(name, { dtype, shape, file: basename(path), offset: start, byteLength });
  }
  await file.close();
  return places;
}

/**
 * Opens a checkpoint folder.
 *
 * @throws {ConcordError} `file/missing` naming the file that the folder lacks; {FormatError} when
 *   one is damaged.
 */
export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  const configPath = join(folder, "config.json");
  if (!(await exists(folder)))
    throw new ConcordError("file/missing", `The model folder ${folder} does not exist.`);
  if (!(await exists(configPath)))
    throw new ConcordError("file/missing", `The model folder ${folder} has no config.json.`, {
      hint: "a Hugging Face checkpoint folder holds config.json, weights and a tokenizer",
    });
  const config = new ModelConfig(await readJsonObject(configPath), configPath);
  const weights = new Map<string, WeightPlace>();
  const fileFolders = new Map<string, string>();
  for (const shard of await weightFiles(folder)) {
    const path = join(folder, shard);
    if (!(await exists(path)))
      throw new ConcordError("file/missing", `The model folder ${folder} has no ${shard}.`, {
        hint: "the list of shards names it; download the model again",
      });
    const real = await realpath(path);
    fileFolders.set(basename(real), dirname(real));
    // The hub's own cache names files by their checksum, so the name that leads there tells the
    // format.
    const places = shard.endsWith(".bin") ? placesInTorchFile : placesInSafetensors;
    for (const [name, place] of await places(real)) weights.set(name, place);
  }
  return { folder, config, weights, fileFolders };
}
