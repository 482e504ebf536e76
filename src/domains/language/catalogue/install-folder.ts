/**
 * @file Folders that are either complete or not there: built beside under a temporary name and
 *   renamed. A process killed half-way leaves only the temporary, which the next installation on
 *   the same machine removes.
 */

import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { syncFolder } from "../../../formats/atomic-file.ts";
import { ioError } from "../../../formats/io-error.ts";
import { makeFolder } from "../../../formats/make-folder.ts";
import { isRunning } from "../../../formats/processes.ts";

const PREFIX = ".installing";

/** Host names may hold anything; file names may not. */
function hostMark(): string {
  return hostname().replace(/[^\w.]/g, "_");
}

/** Removes what killed installations of this machine left in `parent`. */
async function removeLeftovers(parent: string): Promise<void> {
  const mine = `${PREFIX}-${hostMark()}-`;
  for (const name of await readdir(parent)) {
    if (!name.startsWith(mine)) continue;
    const pid = Number(name.slice(mine.length).split("-")[0]);
    if (!isRunning(pid)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

/**
 * Puts a folder in place, unless a complete one is there already.
 *
 * @param target     Where it shall be.
 * @param isComplete Whether the folder at `target` is there and whole.
 * @param build      Fills an empty folder and may use a second one as scratch; what it throws
 *   passes through, and nothing changes.
 */
export async function installFolder(
  target: string,
  isComplete: () => Promise<boolean>,
  build: (folder: string, scratch: string) => Promise<void>,
): Promise<void> {
  if (await isComplete()) return;
  const parent = dirname(target);
  let temporary: string | undefined;
  try {
    await makeFolder(parent);
    await removeLeftovers(parent);
    temporary = await mkdtemp(join(parent, `${PREFIX}-${hostMark()}-${process.pid}-`));
    const [folder, scratch] = [join(temporary, "new"), join(temporary, "scratch")];
    await mkdir(folder);
    await mkdir(scratch);
    await build(folder, scratch);
    await syncFolder(folder);
    // Somebody else may have finished meanwhile; an incomplete folder is moved out of the way.
    if (await isComplete()) return;
    await rename(target, join(temporary, "old")).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
    try {
      await rename(folder, target);
    } catch (error) {
      // Somebody else was faster between the two renames.
      if (!(await isComplete())) throw error;
    }
    await syncFolder(parent);
  } catch (error) {
    throw error instanceof Error && "errno" in error
      ? ioError(error, "install", join(parent, basename(target)))
      : error;
  } finally {
    if (temporary) await rm(temporary, { recursive: true, force: true });
  }
}
