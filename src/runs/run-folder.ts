/**
 * @file The folder that a run is: everything it needs to go on and everything it found, as plain
 *   files.
 *
 *   config.yaml run.json metrics.jsonl timings.jsonl events.jsonl checkpoints/ saes/
 *   results/ report.html
 *
 * metrics.jsonl, events.jsonl, checkpoints, saes and results are the same bytes for the same
 * config, seed and instruction set. What depends on the machine and the moment is in run.json and
 * timings.jsonl alone. Where the config names loggers there are metrics.csv, which is the same
 * bytes as well, and tensorboard/, whose events carry the time of day.
 */

import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { ConcordError, FormatError, messageOf } from "../errors.ts";
import { removeStaleTemporariesBelow, writeFileAtomically } from "../formats/atomic-file.ts";
import { ioError } from "../formats/io-error.ts";
import { makeFolder } from "../formats/make-folder.ts";
import { readText } from "../formats/read-text.ts";
import { parseRecord, type RunRecord, recordFile } from "./run-record.ts";

export type { ConfigChange, RunAttempt, RunRecord, RunStatus } from "./run-record.ts";

/** A run's folder: reads and writes the files listed above, each whole or not at all. */
export class RunFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  file(...parts: string[]): string {
    return join(this.path, ...parts);
  }

  get exists(): boolean {
    return existsSync(this.file("run.json"));
  }

  async makeFolder(...parts: string[]): Promise<string> {
    const path = this.file(...parts);
    await makeFolder(path);
    return path;
  }

  async writeText(name: string, text: string): Promise<void> {
    await writeFileAtomically(this.file(name), text);
  }

  /** Pretty-printed JSON; key order is the order of insertion. */
  async writeJson(name: string, value: unknown): Promise<void> {
    await this.writeText(name, `${JSON.stringify(value, null, 2)}\n`);
  }

  /** @throws {ConcordError} `file/missing`, {FormatError} when it is not JSON. */
  async readJson(name: string): Promise<unknown> {
    const path = this.file(name);
    const text = await readText(path);
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new FormatError(path, `not JSON: ${messageOf(error)}`);
    }
  }

  /** @throws {ConcordError} `file/missing`, {FormatError} when run.json is something else. */
  async readRecord(): Promise<RunRecord> {
    return parseRecord(await this.readJson("run.json"), this.file("run.json"));
  }

  /** Removes what processes that were killed while writing left in the folder and below it. */
  async removeLeftovers(): Promise<void> {
    await removeStaleTemporariesBelow(this.path);
  }

  async writeRecord(record: RunRecord): Promise<void> {
    await this.writeJson("run.json", recordFile(record));
  }
}

/**
 * Folders below `root` that are runs, by path; sweeps hold theirs one level further down.
 *
 * @throws {ConcordError} `file/io` when `root`, or a folder in it, cannot be listed.
 */
export async function listRuns(root: string): Promise<RunFolder[]> {
  if (!existsSync(root)) return [];
  const found: RunFolder[] = [];
  const visit = async (path: string, depth: number): Promise<void> => {
    const folder = new RunFolder(path);
    if (folder.exists) {
      found.push(folder);
      return;
    }
    if (depth === 0) return;
    const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
      throw ioError(error, "list", path);
    });
    for (const entry of entries
      .filter((e) => e.isDirectory() && !e.name.startsWith("."))
      .sort((a, b) => (a.name < b.name ? -1 : 1)))
      await visit(join(path, entry.name), depth - 1);
  };
  await visit(root, 3);
  return found;
}

/** A run by name below `root`, or by path. @throws {ConcordError} naming the runs there are. */
export async function findRun(root: string, name: string): Promise<RunFolder> {
  for (const path of [join(root, name), name]) {
    const folder = new RunFolder(path);
    if (folder.exists) return folder;
  }
  const names = (await listRuns(root)).map((r) => relative(root, r.path));
  const inside = names.filter((run) => run.startsWith(`${name.replace(/\/+$/, "")}/`));
  if (inside.length > 0)
    throw new ConcordError("file/missing", `${name} in ${root} is a sweep, not a run.`, {
      hint: `Name one of its runs: ${inside.slice(0, 12).join(", ")}`,
    });
  throw new ConcordError("file/missing", `There is no run "${name}" in ${root}.`, {
    hint:
      names.length === 0
        ? "No runs yet: concord run <config.yaml>"
        : `Runs: ${names.slice(0, 12).join(", ")}`,
  });
}
