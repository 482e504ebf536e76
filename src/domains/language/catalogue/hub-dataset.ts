/**
 * @file Texts of the Hugging Face hub: the files of a dataset's repository that hold text, as they
 *   are. `org/name[@revision]` means all of its training split, and
 *   `hf:org/name[@revision]/path` one file or folder.
 */

import { basename, join } from "node:path";
import { ConcordError } from "../../../errors.ts";
import type { CatalogueOptions } from "../../../fetch/catalogue-options.ts";
import { downloadHubFile, type HubRepository } from "../../../fetch/hub/hub-file.ts";
import { listHubFolder } from "../../../fetch/hub/hub-folder.ts";
import { installFiles } from "../../../fetch/hub/install-files.ts";
import { isInstalled, readManifest } from "../../../fetch/hub/manifest.ts";
import { showNames } from "../../../formats/show-name.ts";

const NAME = /^(hf:)?(\w[\w.-]*\/\w[\w.-]*)(?:@([\w.-]+))?(?:\/(.+))?$/;

/** More than this is downloaded only by the name of a file or folder. */
const MOST_BYTES = 2 * 1024 ** 3;

/** Folders within folders that are looked into. */
const MOST_DEPTH = 6;

/** A part of a file's path that says that it is of the training split. */
const TRAIN = /(^|[^a-z])train([^a-z]|$)/i;

/** A dataset, or a part of one. */
export interface HubText {
  readonly repository: HubRepository;
  /** In the repository, without slashes at its ends; "" for all of it. */
  readonly path: string;
}

/**
 * What a name of the hub stands for.
 *
 * @returns Undefined for a name that is not one: a path needs `hf:` in front.
 */
export function hubText(name: string): HubText | undefined {
  const [, prefix, id, revision = "main", path = ""] = NAME.exec(name) ?? [];
  if (id === undefined || (prefix === undefined && path !== "")) return undefined;
  const inside = path.replace(/\/+$/, "");
  if (inside !== "" && inside.split("/").some((part) => /^\.{0,2}$/.test(part))) return undefined;
  return { repository: { kind: "datasets", id, revision }, path: inside };
}

/** A file of a repository. */
interface Remote {
  readonly path: string;
  readonly bytes: number;
}

/** All files at a path and below it. */
async function filesBelow(
  repository: HubRepository,
  path: string,
  options: CatalogueOptions,
  depth = 0,
): Promise<Remote[]> {
  const found = await listHubFolder(repository, path, options);
  if (!found || depth > MOST_DEPTH) return [];
  const at = (name: string) => (path === "" ? name : `${path}/${name}`);
  const files = found.files.map((name) => ({ path: at(name), bytes: found.bytes.get(name) ?? 0 }));
  for (const folder of found.folders)
    files.push(...(await filesBelow(repository, at(folder), options, depth + 1)));
  return files;
}

/** Which files of the repository are wanted, sorted. */
async function wantedFiles(
  name: string,
  { repository, path }: HubText,
  endings: RegExp,
  options: CatalogueOptions,
): Promise<readonly Remote[]> {
  const all = await filesBelow(repository, path, options);
  const isText = ({ path: file }: Remote) => endings.test(basename(file));
  const texts = all.filter(isText).sort((a, b) => (a.path < b.path ? -1 : 1));
  if (path !== "" && all.length === 0) return [{ path, bytes: 0 }];
  if (texts.length === 0)
    throw new ConcordError("file/missing", `There is no text file in ${name} on the hub.`, {
      hint: `It holds ${showNames(all.map((file) => file.path))}. Texts are .txt, .jsonl, .json and .parquet files.`,
    });
  const train = texts.filter((file) => TRAIN.test(file.path));
  const wanted = path === "" && train.length > 0 ? train : texts;
  const bytes = wanted.reduce((sum, file) => sum + file.bytes, 0);
  if (path === "" && bytes > MOST_BYTES)
    throw new ConcordError(
      "argument/invalid",
      `${name} has ${(bytes / 1024 ** 3).toFixed(1)} GiB of text on the hub.`,
      {
        hint: `Name a file or folder of it: hf:${repository.id}/${wanted[0]!.path}.`,
      },
    );
  return wanted;
}

/**
 * Installs a text of the hub into the cache and returns its files, in the order of their paths.
 *
 * @param name    As it was given, for messages.
 * @param endings Of the names of files that hold text.
 * @throws {ConcordError} `file/missing` offline, or for a dataset without texts;
 *   `argument/invalid` for one of more than 2 GiB; `network/failed`, `interrupted`.
 */
export async function installHubText(
  name: string,
  text: HubText,
  endings: RegExp,
  options: CatalogueOptions,
): Promise<string[]> {
  const { repository, path } = text;
  const { id, revision } = repository;
  const at = revision === "main" ? "" : `@${revision}`;
  const plain = `${id.replace("/", "--")}${at}${path === "" ? "" : `--${encodeURIComponent(path)}`}`;
  const target = join(options.cacheDir, "texts", plain);
  if (!(await isInstalled(target))) {
    if (options.offline)
      throw new ConcordError("file/missing", `The text ${name} is not in ${options.cacheDir}.`, {
        hint: "run once without offline mode, or name its folder on this machine",
      });
    const partial = join(options.cacheDir, "texts", `.partial-${plain}`);
    const from = { name, source: `hub:datasets/${id}@${revision}`, licence: undefined };
    await installFiles(target, partial, from, async () => {
      const files: string[] = [];
      for (const remote of await wantedFiles(name, text, endings, options)) {
        // One folder for all, in the order of their paths.
        const file = encodeURIComponent(remote.path);
        if (!(await downloadHubFile(repository, remote.path, join(partial, file), options)))
          throw new ConcordError("file/missing", `There is no ${remote.path} in ${id} on the hub.`);
        files.push(file);
      }
      return files;
    });
  }
  const { files } = (await readManifest(target)) as { readonly files: object };
  return Object.keys(files).map((file) => join(target, file));
}
