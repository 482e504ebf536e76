/** @file One writer a store: a file that names the process, taken over when that process is gone. */

import { readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { ConcordError } from "../errors.ts";
import { isRunning } from "./atomic-file.ts";
import { ioError, systemCode } from "./io-error.ts";

/** Held while a store is being written. */
export interface WriterLock {
  release(): Promise<void>;
}

/**
 * Takes the lock of the store in `folder`.
 *
 * @throws {ConcordError} `run/conflict` when another living process of this machine, or any of another, has it.
 */
export async function takeWriterLock(folder: string): Promise<WriterLock> {
  const path = join(folder, "writer.lock");
  const mine = JSON.stringify({ host: hostname(), pid: process.pid });
  for (let attempt = 0; ; attempt++) {
    try {
      await writeFile(path, mine, { flag: "wx" });
      return { release: () => rm(path, { force: true }) };
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw ioError(error, "write", path);
    }
    const holder = await readHolder(path);
    const isStale = holder?.host === hostname() && !isRunning(holder.pid);
    if (!isStale || attempt === 3)
      throw new ConcordError(
        "run/conflict",
        `${folder} is being written by ${holder ? `process ${holder.pid} on ${holder.host}` : "another process"}.`,
        { hint: `Wait for it; if it is surely gone, remove ${path}.` },
      );
    await rm(path, { force: true });
  }
}

async function readHolder(path: string): Promise<{ host: string; pid: number } | undefined> {
  try {
    const { host, pid } = JSON.parse(await readFile(path, "utf8"));
    return typeof host === "string" && Number.isSafeInteger(pid) ? { host, pid } : undefined;
  } catch {
    return undefined;
  }
}
