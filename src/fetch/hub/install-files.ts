/**
 * @file A folder of the cache that is filled file by file under another name, and gets its own when
 *   every file is there. A download that was broken off goes on where it stopped.
 */

import { open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { ConcordError } from "../../errors.ts";
import { syncFolder } from "../../formats/atomic-file.ts";
import { makeFolder } from "../../formats/make-folder.ts";
import { isRunning } from "../../formats/processes.ts";
import { type InstalledFrom, writeManifest } from "./manifest.ts";

/** Holds a folder for one process at a time; a lock of a dead process does not count. */
async function withLock<T>(folder: string, what: string, work: () => Promise<T>): Promise<T> {
  const path = join(folder, ".lock");
  for (let attempt = 0; ; attempt++) {
    try {
      const handle = await open(path, "wx");
      await handle.write(String(process.pid));
      await handle.close();
      break;
    } catch (error) {
      if ((error as { code?: string }).code !== "EEXIST" || attempt > 1) throw error;
      const owner = Number(await readFile(path, "utf8").catch(() => ""));
      if (owner !== process.pid && owner > 0 && isRunning(owner))
        throw new ConcordError("run/conflict", `Process ${owner} is downloading ${what} already.`, {
          hint: `wait for it, or remove ${path} if it runs on another machine and is gone`,
        });
      await rm(path, { force: true });
    }
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** What this process is installing, by target. */
const running = new Map<string, Promise<void>>();

/**
 * Fills `partial`, and renames it to `target`. What was there before is incomplete, and is removed.
 * A second call for a target waits for the first.
 *
 * @param partial  Beside `target`; what it holds already is kept.
 * @param download Puts the files into `partial` that are not there yet; returns the names of all.
 * @throws {ConcordError} `run/conflict` when another process does the same; what `download` throws.
 */
export function installFiles(
  target: string,
  partial: string,
  from: InstalledFrom,
  download: () => Promise<readonly string[]>,
): Promise<void> {
  const started = running.get(target);
  if (started) return started;
  const work = install(target, partial, from, download).finally(() => running.delete(target));
  running.set(target, work);
  return work;
}

async function install(
  target: string,
  partial: string,
  from: InstalledFrom,
  download: () => Promise<readonly string[]>,
): Promise<void> {
  await makeFolder(partial);
  await withLock(partial, from.name, async () => {
    const files = await download();
    for (const name of await readdir(partial))
      if (/\.(partial|part|part\.json)$/.test(name)) await rm(join(partial, name));
    await writeManifest(partial, from, files);
    await syncFolder(partial);
  });
  await rm(target, { recursive: true, force: true });
  await rename(partial, target);
}
