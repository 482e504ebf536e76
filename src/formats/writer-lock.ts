/**
 * @file One writer a store: a file that names the process, taken over when that process is gone.
 */

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { ConcordError } from "../errors.ts";
import { ioError, systemCode } from "./io-error.ts";
import { isRunning, startOf } from "./processes.ts";
import { fenceOf } from "./write-fence.ts";

/** Held while a store is being written. */
export interface WriterLock {
  release(): Promise<void>;
}

interface Holder {
  readonly host: string;
  readonly pid: number;
  /** When the process began, in the system's own count; undefined where the system does not say. */
  readonly started?: string | undefined;
  /** Tells the locks of one process apart. */
  readonly token: string;
  /** Of a process behind a fence; it loses the lock to a later attempt. */
  readonly attempt?: number | undefined;
}

/** Tokens of the locks that this process holds. */
const held = new Set<string>();

/** Locks are taken one after the other within a process. */
let queue: Promise<unknown> = Promise.resolve();

/**
 * Takes the lock of the store in `folder`. The file appears with all that it says. So a process
 * that is killed meanwhile leaves no lock, or one that is known to be stale. Behind a fence
 * (`write-fence.ts`) the lock of an earlier attempt is taken over, wherever that runs.
 *
 * @throws {ConcordError} `run/conflict` when another living process of this machine, or any of
 *   another, has it; `file/io`.
 */
export async function takeWriterLock(folder: string): Promise<WriterLock> {
  const taken = queue.then(() => take(join(folder, "writer.lock"), folder));
  queue = taken.catch(() => undefined);
  return taken;
}

/**
 * Whether somebody holds the lock of the store in `folder`: a living process of this machine, or
 * one of another.
 */
export async function isBeingWritten(folder: string): Promise<boolean> {
  const path = join(folder, "writer.lock");
  const holder = await readHolder(path);
  return holder ? !isStale(holder) : existsSync(path);
}

async function take(path: string, folder: string): Promise<WriterLock> {
  const [pid, token] = [process.pid, randomUUID()];
  const attempt = fenceOf(folder)?.attempt;
  const mine: Holder = { host: hostname(), pid, started: startOf(pid), token, attempt };
  for (let tries = 0; ; tries++) {
    if (await create(path, JSON.stringify(mine), token)) {
      held.add(token);
      return {
        async release() {
          held.delete(token);
          if (await isOurs(path, token)) await rm(path, { force: true });
        },
      };
    }
    const holder = await readHolder(path);
    const isFree = holder && (isStale(holder) || isEarlier(holder, attempt));
    if (!isFree || tries === 3)
      throw new ConcordError(
        "run/conflict",
        `${folder} is being written by ${holder ? `process ${holder.pid} on ${holder.host}` : "another process"}.`,
        { hint: `Wait for it; if it no longer runs, remove ${path}.` },
      );
    await remove(path, holder, token);
  }
}

/** Makes the lock file, unless there is one. */
async function create(path: string, text: string, token: string): Promise<boolean> {
  const temporary = `${path}.${token}.tmp-${process.pid}-0`;
  try {
    await writeFile(temporary, text, { flag: "wx" });
    await link(temporary, path).catch((error: unknown) => {
      if (systemCode(error) === "EEXIST") throw error;
      // A file system without hard links.
      return writeFile(path, text, { flag: "wx" });
    });
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw ioError(error, "write", path);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** Removes a stale lock. What another process put in its place meanwhile is put back. */
async function remove(path: string, stale: Holder, token: string): Promise<void> {
  const aside = `${path}.${token}.tmp-${process.pid}-1`;
  try {
    await rename(path, aside);
    if ((await readHolder(aside))?.token !== stale.token)
      await link(aside, path).catch(() => undefined);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw ioError(error, "remove", path);
  } finally {
    await rm(aside, { force: true }).catch(() => undefined);
  }
}

/** Whether the lock is still the one that was taken: a later attempt may have it. */
async function isOurs(path: string, token: string): Promise<boolean> {
  const holder = await readHolder(path);
  return holder === undefined || holder.token === token;
}

function isEarlier({ attempt: theirs }: Holder, ours: number | undefined): boolean {
  return theirs !== undefined && ours !== undefined && theirs < ours;
}

function isStale({ host, pid, started, token }: Holder): boolean {
  if (host !== hostname()) return false;
  if (pid === process.pid) return !held.has(token);
  if (!isRunning(pid)) return true;
  const now = startOf(pid);
  return started !== undefined && now !== undefined && now !== started;
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const { host, pid, started, token, attempt } = JSON.parse(await readFile(path, "utf8"));
    if (typeof host !== "string" || !Number.isSafeInteger(pid)) return undefined;
    return {
      host,
      pid,
      started: typeof started === "string" ? started : undefined,
      token: String(token),
      attempt: Number.isSafeInteger(attempt) ? Number(attempt) : undefined,
    };
  } catch {
    return undefined;
  }
}
