/**
 * @file SAEs of the Hugging Face hub by name: `hf:org/repo/path`, or `hf:org/repo@revision/path`.
 *   The path is the folder of an SAE, or one of its files. Only the files that its format reads are
 *   downloaded, into the cache, once.
 */

import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ConcordError, expected } from "../errors.ts";
import type { CatalogueOptions } from "../fetch/catalogue-options.ts";
import { downloadHubFile } from "../fetch/hub/hub-file.ts";
import { type HubFolder, listHubFolder } from "../fetch/hub/hub-folder.ts";
import {
  HUB_PREFIX,
  type HubName,
  hubCacheFolder,
  isHubName,
  parseHubName,
} from "../fetch/hub/hub-name.ts";
import { installFiles } from "../fetch/hub/install-files.ts";
import { isInstalled } from "../fetch/hub/manifest.ts";
import { snapshotFolder } from "../fetch/hub/snapshot.ts";
import { showNames } from "../formats/show-name.ts";
import { formatOfNames, knownFormats } from "./formats.ts";
import { PROBE_FILE } from "./probe.ts";

/** @throws {ConcordError} `argument/invalid` for a malformed name. */
function nameOf(named: string): HubName {
  const name = parseHubName(named);
  if (!name)
    throw expected("an SAE of the hub", "hf:org/repo/path or hf:org/repo@revision/path", named);
  return name;
}

/** Of all files of a folder those that reading the SAE needs, and its probe. */
function neededFiles(names: readonly string[], file?: string): readonly string[] | undefined {
  const found = formatOfNames(names, file);
  if (!found) return undefined;
  return names.includes(PROBE_FILE) ? [...found.files, PROBE_FILE] : found.files;
}

/** Names in a folder of this machine; empty where it is not there, or a file. */
async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}

/**
 * Where Hugging Face's own libraries have put the SAE, as far as their cache alone can tell. It may
 * hold a part of a folder, so every file that the format writes has to be there. A format of one
 * file, whose folder may hold several of them, needs that file or its usual name.
 *
 * @param snapshot Folder of the repository there.
 */
async function wholeInSnapshot(snapshot: string, path: string): Promise<string | undefined> {
  const local = join(snapshot, path);
  const inside = await namesIn(local);
  const isFile = inside.length === 0 && path !== "";
  const names = isFile ? await namesIn(dirname(local)) : inside;
  const named = isFile ? basename(path) : undefined;
  if (named !== undefined && !names.includes(named)) return undefined;
  const found = formatOfNames(names, named);
  if (!found) return undefined;
  const { written } = found.format;
  const isOneNamed = named !== undefined && written.length === 1;
  return isOneNamed || written.every((file) => names.includes(file)) ? local : undefined;
}

function notAnSae(named: string, found: HubFolder | undefined): ConcordError {
  const { files = [], folders = [] } = found ?? {};
  const names = [...folders.map((folder) => `${folder}/`), ...files];
  const next = folders.length > 0 ? "Name the folder of an SAE." : knownFormats();
  const hint =
    names.length === 0
      ? "Nothing has that path there: name a folder of the repository, or one of its .pt files."
      : `It holds ${showNames(names)}. ${next}`;
  return new ConcordError("format/invalid", `${named} is not the folder of an SAE.`, { hint });
}

/** What to take of a repository. */
interface HubFiles {
  /** In the repository; "" for all of it. */
  readonly folder: string;
  readonly files: readonly string[];
}

/** The folder in the repository, and what to take of it, as the hub lists it. */
async function lookUp(
  named: string,
  { repository, path }: HubName,
  options: CatalogueOptions,
): Promise<HubFiles> {
  const found = await listHubFolder(repository, path, options);
  const files = found && neededFiles(found.files);
  if (files) return { folder: path, files };
  const [above, file] = [dirname(path) === "." ? "" : dirname(path), basename(path)];
  const beside = found || path === "" ? undefined : await listHubFolder(repository, above, options);
  const one = beside?.files.includes(file) ? neededFiles(beside.files, file) : undefined;
  if (one) return { folder: above, files: one };
  throw notAnSae(named, found);
}

/**
 * The path of an SAE on this machine. For a name of the hub, its files are there afterwards; any
 * other name is a path already.
 *
 * Looked for in this order: the cache, the cache of Hugging Face's libraries, the hub. The hub is
 * asked which files the SAE has, because those libraries may have downloaded some of them only. A
 * download that was broken off goes on where it stopped.
 *
 * @throws {ConcordError} `argument/invalid` for a malformed name, or without `options`;
 *   `file/missing` offline; `format/invalid` listing what is there when it is not an SAE;
 *   `network/failed`; `run/conflict` when another process downloads the same.
 */
export async function saePath(
  named: string,
  options: CatalogueOptions | undefined,
): Promise<string> {
  if (!isHubName(named)) return named;
  const name = nameOf(named);
  if (!options) throw expected("hub", "a cache to download SAEs into", undefined);
  const target = hubCacheFolder(join(options.cacheDir, "saes"), name);
  if (await isInstalled(target)) return target;
  const { hubCacheDir } = options;
  const { repository, path } = name;
  const snapshot = hubCacheDir && (await snapshotFolder(hubCacheDir, repository));
  const whole = snapshot && (await wholeInSnapshot(snapshot, path));
  if (options.offline) {
    if (whole) return whole;
    throw new ConcordError("file/missing", `${named} is not in ${options.cacheDir}.`, {
      hint: "Run once without offline mode, or copy the SAE's folder here and name it.",
    });
  }
  let listed: HubFiles;
  try {
    listed = await lookUp(named, name, options);
  } catch (error) {
    // Without a network, or without the right to ask, what is whole here does.
    if (whole && error instanceof ConcordError && error.code === "network/failed") return whole;
    throw error;
  }
  const { folder, files } = listed;
  if (snapshot) {
    const there = await namesIn(join(snapshot, folder));
    if (files.every((file) => there.includes(file))) return join(snapshot, path);
  }
  const partial = join(dirname(target), `.partial-${basename(target)}`);
  const from = { name: named, source: `hub:${named.slice(HUB_PREFIX.length)}`, licence: undefined };
  await installFiles(target, partial, from, async () => {
    for (const file of files) {
      const remote = folder === "" ? file : `${folder}/${file}`;
      if (!(await downloadHubFile(repository, remote, join(partial, file), options)))
        throw new ConcordError("network/failed", `${named} has lost its ${file} meanwhile.`, {
          hint: "Somebody is changing the repository: run it again.",
        });
    }
    return files;
  });
  return target;
}
