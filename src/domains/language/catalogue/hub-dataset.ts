/**
 * @file Texts of the Hugging Face hub: the files of a dataset's repository that hold text, as they
 *   are. `org/name` means its training split, and `hf:org/name/path` one file or folder.
 */

import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ConcordError } from "../../../errors.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { downloadHubFile, type HubRepository } from "../../../fetch/hub/hub-file.ts";
import { listHubFolder } from "../../../fetch/hub/hub-folder.ts";
import {
  HUB_PREFIX,
  type HubName,
  hubCacheFolder,
  isHubName,
  parseHubName,
} from "../../../fetch/hub/hub-name.ts";
import { installFiles } from "../../../fetch/hub/install-files.ts";
import { isInstalled, readManifest } from "../../../fetch/hub/manifest.ts";
import { showNames } from "../../../formats/show-name.ts";

/** More than this is downloaded only by the name of a file or folder. */
const MOST_BYTES = 2 * 1024 ** 3;

/** Folders within folders that are looked into, and files that are looked at. */
const [MOST_DEPTH, MOST_FILES] = [6, 10_000];

/** A path of the training split. */
const TRAIN = /(^|[^a-z])train([^a-z]|$)/i;

/** Files that lie beside the texts of a dataset. */
const BESIDE = /^(licen[cs]e|readme|requirements|dataset_infos?|dataset_dict|state)\b/i;

/**
 * What a name of the hub stands for.
 *
 * @returns Undefined for a name that is not one: a path needs `hf:` in front.
 */
export function hubText(name: string): HubName | undefined {
  const found = parseHubName(isHubName(name) ? name : `${HUB_PREFIX}${name}`);
  if (!found || (!isHubName(name) && found.path !== "")) return undefined;
  return { ...found, repository: { ...found.repository, kind: "datasets" } };
}

/** A name for a part of a dataset. */
function partName({ id, revision }: HubRepository, path: string): string {
  return `${HUB_PREFIX}${id}${revision === "main" ? "" : `@${revision}`}/${path}`;
}

/** A file of a repository. */
interface Remote {
  readonly path: string;
  readonly bytes: number | undefined;
}

function tooMany(repository: HubRepository, path: string): ConcordError {
  return new ConcordError(
    "argument/invalid",
    `The dataset ${repository.id} has too many files, or folders within folders, to look through.`,
    { hint: `Name a file or folder of it, such as ${partName(repository, path)}.` },
  );
}

/** All files at a path and below it. */
async function filesBelow(
  repository: HubRepository,
  path: string,
  options: CatalogueOptions,
  depth = 0,
): Promise<Remote[]> {
  const found = await listHubFolder(repository, path, options);
  if (!found) return [];
  const at = (name: string) => (path === "" ? name : `${path}/${name}`);
  const files = found.files.map((name) => ({ path: at(name), bytes: found.bytes.get(name) }));
  for (const folder of found.folders) {
    if (depth === MOST_DEPTH || files.length > MOST_FILES) throw tooMany(repository, at(folder));
    files.push(...(await filesBelow(repository, at(folder), options, depth + 1)));
  }
  return files;
}

/** Of a whole dataset, the texts of its training split, or all where it has no splits. */
function textsOfWhole(
  name: string,
  repository: HubRepository,
  texts: readonly Remote[],
): readonly Remote[] {
  const own = texts.filter(({ path }) => !BESIDE.test(basename(path)));
  const train = own.filter(({ path }) => TRAIN.test(path));
  const wanted = train.length > 0 ? train : own;
  const folders = [...new Set(wanted.map(({ path }) => dirname(path)))];
  const endings = new Set(wanted.map(({ path }) => /\.[a-z]+/i.exec(basename(path))?.[0]));
  // The same texts would come several times, some of them held out.
  if (folders.length > 1 || endings.size > 1)
    throw new ConcordError(
      "argument/invalid",
      `The dataset ${name} has several subsets, or its texts in several forms.`,
      { hint: `Name one: ${showNames(folders.map((folder) => partName(repository, folder)))}.` },
    );
  const bytes = wanted.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
  if (bytes > MOST_BYTES)
    throw new ConcordError(
      "argument/invalid",
      `The dataset ${name} has ${(bytes / 1024 ** 3).toFixed(1)} GiB of text.`,
      { hint: `Name a file or folder of it: ${partName(repository, wanted[0]!.path)}.` },
    );
  return wanted;
}

/** Which files of the repository are wanted, sorted. */
async function wantedFiles(
  name: string,
  { repository, path }: HubName,
  endings: RegExp,
  options: CatalogueOptions,
): Promise<readonly Remote[]> {
  const all = await filesBelow(repository, path, options);
  if (path !== "" && all.length === 0) return [{ path, bytes: undefined }];
  const texts = all
    .filter((file) => endings.test(basename(file.path)))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const wanted = path === "" ? textsOfWhole(name, repository, texts) : texts;
  if (wanted.length > 0) return wanted;
  throw new ConcordError("file/missing", `The dataset ${name} has no text files.`, {
    hint: `It holds ${showNames(all.map((file) => file.path))}. Texts are .txt, .jsonl, .json and .parquet files.`,
  });
}

async function lengthOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}

/**
 * Installs a text of the hub into the cache and returns its files, in the order of their paths. A
 * download that was broken off goes on with the file that it broke off in.
 *
 * @param name    As it was given, for messages.
 * @param endings Of the names of files that hold text.
 * @throws {ConcordError} `file/missing` offline, or for a dataset without texts;
 *   `argument/invalid` for one of several subsets, or of more than 2 GiB; `network/failed`,
 *   `interrupted`.
 */
export async function installHubText(
  name: string,
  text: HubName,
  endings: RegExp,
  options: CatalogueOptions,
): Promise<string[]> {
  const { repository } = text;
  const { id, revision } = repository;
  const target = hubCacheFolder(join(options.cacheDir, "texts"), text);
  if (!(await isInstalled(target))) {
    if (options.offline)
      throw new ConcordError("file/missing", `The text ${name} is not in ${options.cacheDir}.`, {
        hint: "run once without offline mode, or name its folder on this machine",
      });
    const partial = join(dirname(target), `.partial-${basename(target)}`);
    const from = { name, source: `hub:datasets/${id}@${revision}`, licence: undefined };
    await installFiles(target, partial, from, async () => {
      const files: string[] = [];
      for (const [i, { path, bytes }] of (
        await wantedFiles(name, text, endings, options)
      ).entries()) {
        // One folder for all, in the order of their paths.
        const file = `${String(i).padStart(5, "0")}-${basename(path)}`;
        const there = bytes !== undefined && (await lengthOf(join(partial, file))) === bytes;
        if (!there && !(await downloadHubFile(repository, path, join(partial, file), options)))
          throw new ConcordError(
            "file/missing",
            `The dataset ${id} has no file or folder ${path}.`,
          );
        files.push(file);
      }
      return files;
    });
  }
  const { files } = (await readManifest(target)) as { readonly files: object };
  return Object.keys(files).map((file) => join(target, file));
}
