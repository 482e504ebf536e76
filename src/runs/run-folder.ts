/**
 * @file The folder that a run is: everything it needs to go on and everything it found, as plain files.
 *
 *   config.yaml run.json metrics.jsonl timings.jsonl events.jsonl checkpoints/ saes/ results/ report.html
 *
 * metrics.jsonl, events.jsonl, checkpoints, saes and results are the same bytes for the same config, seed and instruction set;
 * what depends on the machine and the moment is in run.json and timings.jsonl alone.
 */

import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { ConcordError, FormatError, messageOf } from "../errors.ts";
import { writeFileAtomically } from "../formats/atomic-file.ts";
import { ioError } from "../formats/io-error.ts";

export type RunStatus = "running" | "interrupted" | "failed" | "finished";

/** One process that worked on the run. */
export interface RunAttempt {
  readonly startedAt: string;
  endedAt?: string;
  readonly host: string;
  readonly pid: number;
  /** Step from which it went on. */
  readonly fromStep: number;
  /** Step that it reached. */
  toStep?: number;
  /** Time spent in its steps; missing when it was killed before it could say. */
  trainingSeconds?: number;
  error?: string;
}

export interface RunRecord {
  readonly format: 1;
  readonly name: string;
  status: RunStatus;
  readonly createdAt: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly backend: { readonly name: string; readonly isa: string; readonly threads: number };
  readonly attempts: RunAttempt[];
  /** Where the activations come from. */
  provenance?: Readonly<Record<string, unknown>>;
  totalSteps?: number;
  /** What `concord plan` says of this config, and what it really was. */
  planned?: Readonly<Record<string, number>>;
  measured?: Readonly<Record<string, number>>;
}

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
    try {
      await mkdir(path, { recursive: true });
    } catch (error) {
      throw ioError(error, "make the folder", path);
    }
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
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      throw ioError(error, "read", path);
    }
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new FormatError(path, `not JSON: ${messageOf(error)}`);
    }
  }

  async readRecord(): Promise<RunRecord> {
    const record = (await this.readJson("run.json")) as RunRecord;
    if (record?.format !== 1)
      throw new FormatError(
        this.file("run.json"),
        `expected format 1 but found ${JSON.stringify(record?.format)}`,
      );
    return record;
  }

  async writeRecord(record: RunRecord): Promise<void> {
    await this.writeJson("run.json", record);
  }
}

/** Folders below `root` that are runs, by path; sweeps hold theirs one level further down. */
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
    const entries = await readdir(path, { withFileTypes: true });
    for (const entry of entries
      .filter((e) => e.isDirectory())
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
  throw new ConcordError("file/missing", `There is no run "${name}" in ${root}.`, {
    hint:
      names.length === 0
        ? "No runs yet: concord run <config.yaml>"
        : `Runs: ${names.slice(0, 12).join(", ")}`,
  });
}
