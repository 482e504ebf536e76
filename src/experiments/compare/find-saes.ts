/**
 * @file What a person names to compare: a run, a sweep, the folder of an SAE that any program
 *   saved, or a folder of such folders.
 */

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { ConcordError } from "../../errors.ts";
import type { CatalogueOptions } from "../../fetch/catalogue-options.ts";
import { isHubName } from "../../fetch/hub/hub-name.ts";
import { ioError } from "../../formats/io-error.ts";
import { findSae, knownFormats } from "../../interchange/formats.ts";
import { saePath } from "../../interchange/hub-sae.ts";
import { findRuns } from "../../runs/find-runs.ts";
import type { RunFolder } from "../../runs/run-folder.ts";

/** An SAE that was found, not yet read. */
export interface FoundSae {
  /** Unique among those that were found together. */
  readonly name: string;
  readonly folder: string;
  /** Its name on the hub, where it comes from there. */
  readonly hubName: string | undefined;
  /** The run that it is a member of. */
  readonly run: RunFolder | undefined;
}

/** Folders below `path` that hold an SAE, by name. */
async function saeFoldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    if ((error as { code?: string }).code === "ENOTDIR") return [];
    throw ioError(error, "list", path);
  });
  const names = entries.filter((e) => e.isDirectory()).map((e) => e.name);
  names.sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const found: string[] = [];
  for (const name of names) {
    const folder = join(path, name);
    if (await findSae(folder)) found.push(folder);
  }
  return found;
}

async function ofRun(run: RunFolder, prefix: string): Promise<FoundSae[]> {
  const saes = run.file("saes");
  const folders = existsSync(saes) ? await saeFoldersIn(saes) : [];
  if (folders.length === 0)
    throw new ConcordError("file/missing", `${run.path} has no SAEs yet.`, {
      hint: "A run saves them when its training ends: continue it with concord run --resume.",
    });
  return folders.map((folder) => ({
    name: prefix + basename(folder),
    folder,
    hubName: undefined,
    run,
  }));
}

/** Told of what was named and cannot be compared; without it, the error ends the search. */
export type LeaveOut = (name: string, error: ConcordError) => void;

/** How SAEs are looked for. */
export interface FindOptions {
  /** Where SAEs of the hub (`hf:org/repo/path`) come from and are kept. */
  readonly hub?: CatalogueOptions | undefined;
  /** Told of runs without SAEs, which are then left out. */
  readonly leaveOut?: LeaveOut;
}

/** The SAEs of a run; none where it has none yet and `leaveOut` takes that. */
async function ofRunOrNone(
  run: RunFolder,
  prefix: string,
  leaveOut: LeaveOut | undefined,
): Promise<FoundSae[]> {
  try {
    return await ofRun(run, prefix);
  } catch (error) {
    if (!leaveOut || !(error instanceof ConcordError) || error.code !== "file/missing") throw error;
    leaveOut(run.path, error);
    return [];
  }
}

async function findOne(
  root: string,
  named: string,
  { hub, leaveOut }: FindOptions,
): Promise<FoundSae[]> {
  if (isHubName(named)) {
    const folder = await saePath(named, hub);
    return [{ name: named, folder, hubName: named, run: undefined }];
  }
  if (existsSync(named)) {
    if (await findSae(named))
      return [{ name: named, folder: named, hubName: undefined, run: undefined }];
    const inside = await saeFoldersIn(named);
    if (inside.length > 0)
      return inside.map((folder) => ({ name: folder, folder, hubName: undefined, run: undefined }));
  }
  try {
    const found = await findRuns(root, named);
    if ("run" in found) return await ofRunOrNone(found.run, `${named}/`, leaveOut);
    const all: FoundSae[] = [];
    for (const run of found.sweep.runs)
      all.push(...(await ofRunOrNone(run, `${run.path}/`, leaveOut)));
    return all;
  } catch (error) {
    if (!(error instanceof ConcordError) || error.code !== "file/missing" || !existsSync(named))
      throw error;
    throw new ConcordError(
      "argument/invalid",
      `${named} is neither a run nor the folder of an SAE.`,
      {
        hint: knownFormats(),
      },
    );
  }
}

/** Leaves out what all names begin with, up to a slash, but never a whole name. */
function withoutCommonFolder(found: readonly FoundSae[]): FoundSae[] {
  const parts = found.map(({ name }) => name.split("/"));
  // Of no names, 0: they would have everything in common.
  const shortest = found.length === 0 ? 0 : Math.min(...parts.map((p) => p.length));
  let common = 0;
  while (common < shortest - 1 && parts.every((p) => p[common] === parts[0]![common])) common++;
  return found.map((sae, i) => ({ ...sae, name: parts[i]!.slice(common).join("/") }));
}

/**
 * The SAEs that some names stand for, in their order, each once.
 *
 * @param root Folder of the runs.
 * @throws {ConcordError} naming what is not a run or an SAE, or, without `leaveOut`, a run without
 *   SAEs.
 */
export async function findSaes(
  root: string,
  names: readonly string[],
  options: FindOptions = {},
): Promise<FoundSae[]> {
  const found = new Map<string, FoundSae>();
  for (const named of names)
    for (const sae of await findOne(root, named, options))
      if (!found.has(sae.folder)) found.set(sae.folder, sae);
  return withoutCommonFolder([...found.values()]);
}
