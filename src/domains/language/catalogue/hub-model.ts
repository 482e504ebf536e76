/**
 * @file Models of the Hugging Face hub. They are downloaded file by file into a folder of the
 *   cache, or used where Hugging Face's own libraries have put them already.
 */

import { join } from "node:path";
import { ConcordError } from "../../../errors.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { downloadHubFile, type HubRepository } from "../../../fetch/hub/hub-file.ts";
import { installFiles } from "../../../fetch/hub/install-files.ts";
import { isInstalled, readManifest } from "../../../fetch/hub/manifest.ts";
import { snapshotFolder } from "../../../fetch/hub/snapshot.ts";
import { exists, shardList, shardsOf, WEIGHTS } from "../models/checkpoint.ts";
import { VOCABULARY_FILES } from "../text/vocabulary-files.ts";

const OPTIONAL = ["tokenizer_config.json", "special_tokens_map.json", "generation_config.json"];
/** Files that a model folder still lacks to be opened. */
async function missingFiles(folder: string): Promise<string[]> {
  const lacks = async (file: string) => !(await exists(join(folder, file)));
  const missing: string[] = [];
  if (await lacks("config.json")) missing.push("config.json");
  const lacksVocabulary = (await lacks(VOCABULARY_FILES[0])) || (await lacks(VOCABULARY_FILES[1]));
  if ((await lacks("tokenizer.json")) && lacksVocabulary) missing.push("tokenizer.json");
  for (const file of WEIGHTS) {
    if (!(await lacks(file))) return missing;
    if (await lacks(shardList(file))) continue;
    for (const shard of await shardsOf(join(folder, shardList(file))))
      if (await lacks(shard)) missing.push(shard);
    return missing;
  }
  return [...missing, WEIGHTS[0]];
}

/**
 * The folder of a complete snapshot in the cache of Hugging Face's own libraries.
 *
 * @returns Undefined when the model is not there, or not with every file that is needed.
 */
export async function findInHubCache(
  hubCacheDir: string,
  repository: HubRepository,
): Promise<string | undefined> {
  const snapshot = await snapshotFolder(hubCacheDir, repository);
  if (!(await exists(join(snapshot, "config.json")))) return undefined;
  return (await missingFiles(snapshot)).length === 0 ? snapshot : undefined;
}

/**
 * Downloads all files of a model into `folder`, leaving alone those already there. @returns Their
 * names.
 */
async function downloadAll(
  repository: HubRepository,
  folder: string,
  options: CatalogueOptions,
): Promise<string[]> {
  const files: string[] = [];
  const fetchOne = async (file: string): Promise<boolean> => {
    const path = join(folder, file);
    const there = (await exists(path)) || (await downloadHubFile(repository, file, path, options));
    if (there) files.push(file);
    return there;
  };
  const require = async (file: string, hint: string) => {
    if (!(await fetchOne(file)))
      throw new ConcordError("model/unsupported", `${repository.id} has no ${file} on the hub.`, {
        hint,
      });
  };
  await require("config.json", "Concord opens models in the format of Hugging Face transformers");
  if (!(await fetchOne("tokenizer.json")))
    for (const file of VOCABULARY_FILES)
      await require(file, "its tokenizer must be saved in the fast format first");
  for (const file of OPTIONAL) await fetchOne(file);
  for (const file of WEIGHTS) {
    if (await fetchOne(file)) return files;
    if (!(await fetchOne(shardList(file)))) continue;
    for (const shard of await shardsOf(join(folder, shardList(file))))
      await require(shard, "the repository is incomplete");
    return files;
  }
  await require(WEIGHTS[0], "weights are read from safetensors and pytorch_model.bin");
  return files;
}

/**
 * Installs a model of the hub into the cache and returns its folder.
 *
 * Looked for in this order: the cache, the cache of Hugging Face's libraries when `hubCacheDir` is
 * given, the hub. A download that was broken off goes on where it stopped.
 *
 * @throws {ConcordError} `file/missing` offline, naming the files not there; `network/failed`;
 *   `model/unsupported` when the repository lacks a file; `run/conflict` when another process
 *   downloads the same model.
 */
export async function installHubModel(
  repository: HubRepository,
  licence: string | undefined,
  options: CatalogueOptions,
): Promise<string> {
  const { id, revision } = repository;
  const plain =
    id.replace("/", "--") + (revision === "main" ? "" : `@${revision.replace(/\W/g, "_")}`);
  const target = join(options.cacheDir, "models", plain);
  // A folder without a manifest was put there by hand; it counts when nothing is missing in it.
  const byHand = (await readManifest(target)) === undefined;
  if (byHand ? (await missingFiles(target)).length === 0 : await isInstalled(target)) return target;
  if (options.hubCacheDir !== undefined) {
    const snapshot = await findInHubCache(options.hubCacheDir, repository);
    if (snapshot !== undefined) return snapshot;
  }
  const partial = join(options.cacheDir, "models", `.partial-${plain}`);
  if (options.offline) {
    const missing = await missingFiles(partial);
    throw new ConcordError(
      "file/missing",
      `The model ${id} is not in ${options.cacheDir}: ${missing.join(", ") || "its download was not finished"}.`,
      { hint: "run once without offline mode, or copy the model's folder there" },
    );
  }
  await installFiles(target, partial, { name: id, source: `hub:${id}@${revision}`, licence }, () =>
    downloadAll(repository, partial, options),
  );
  return target;
}
