/** @file Evidences of runs that are open: a few, those that were used last. */

import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { FOLDER, SUMMARY_FILE } from "../analyses/features/files.ts";
import type { Evidence } from "../evidence/evidence.ts";
import type { RunFolder } from "../runs/run-folder.ts";

/** Opens the evidence of a run. */
export type OpenEvidence = (folder: string) => Promise<Evidence>;

/** The file of a run that says that it has evidence. */
export const FEATURES = `results/${FOLDER}/${SUMMARY_FILE}.json`;

interface Entry {
  readonly evidence: Promise<Evidence>;
  users: number;
  isLetGo: boolean;
}

/** Whether `concord features` has been run on a run. */
export function hasFeatures(folder: RunFolder): boolean {
  return existsSync(folder.file(FEATURES));
}

/** Changes whenever one of the files of the evidence is written anew. */
async function versionOf(folder: RunFolder): Promise<string> {
  const path = folder.file("results", FOLDER);
  const files = await Promise.all(
    (await readdir(path)).sort().map(async (name) => {
      const { ino, size, mtimeMs } = await stat(join(path, name));
      return `${name} ${ino} ${size} ${mtimeMs}`;
    }),
  );
  return files.join("\n");
}

/** Evidences that stay open between requests; one that is in use is closed when it is not. */
export class EvidenceCache {
  readonly #open: OpenEvidence;
  readonly #most: number;
  /** The one that was used last at the end. */
  readonly #entries = new Map<string, Entry>();

  constructor(open: OpenEvidence, most: number) {
    this.#open = open;
    this.#most = most;
  }

  /** How many are open. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * What `work` makes of the evidence of a run that has some. Evidence that was written anew since
   * it was opened is opened again.
   *
   * @throws {ConcordError} of opening and of `work`.
   */
  async use<T>(folder: RunFolder, work: (evidence: Evidence) => Promise<T>): Promise<T> {
    const run = `${folder.path}\n`;
    const key = `${run}${await versionOf(folder)}`;
    for (const [other, entry] of this.#entries)
      if (other.startsWith(run) && other !== key) this.#letGo(other, entry);
    const entry = this.#entries.get(key) ?? {
      evidence: this.#open(folder.path),
      users: 0,
      isLetGo: false,
    };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.users++;
    for (const [other, oldest] of this.#entries)
      if (this.#entries.size > this.#most) this.#letGo(other, oldest);
    try {
      return await work(await entry.evidence);
    } catch (error) {
      // What could not be opened is tried again the next time.
      await entry.evidence.catch(() => this.#letGo(key, entry));
      throw error;
    } finally {
      entry.users--;
      this.#closeIdle(entry);
    }
  }

  /** Closes all of them, each when nobody uses it any more. */
  close(): void {
    for (const [key, entry] of this.#entries) this.#letGo(key, entry);
  }

  #letGo(key: string, entry: Entry): void {
    this.#entries.delete(key);
    entry.isLetGo = true;
    this.#closeIdle(entry);
  }

  #closeIdle({ evidence, users, isLetGo }: Entry): void {
    if (!isLetGo || users > 0) return;
    // One that was never open has nothing to close, and whoever asked was told.
    evidence.then((opened) => opened.close()).catch(() => undefined);
  }
}
