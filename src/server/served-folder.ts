/**
 * @file The one folder that the server reads. Runs are found in it by name. No name and no link
 *   leads out of it.
 */

import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { ConcordError } from "../errors.ts";
import { ioError, systemCode } from "../formats/io-error.ts";
import { showName } from "../formats/show-name.ts";
import { listRuns, RunFolder } from "../runs/run-folder.ts";
import { HttpFailure } from "./failure.ts";

/** A run of the served folder. */
export interface ServedRun {
  /** Its path below the served folder, with `/`; `.` where that folder is itself a run. */
  readonly name: string;
  readonly folder: RunFolder;
}

/** Folders of a run that the server does not read. */
const UNREAD = new Set(["checkpoints", "tensorboard"]);

/** Folders within each other that are looked through for links. */
const DEPTH = 4;

/** The folder that is served. */
export class ServedFolder {
  /** As a person named it, for commands in hints. */
  readonly given: string;
  readonly #root: string;

  private constructor(given: string, root: string) {
    this.given = given;
    this.#root = root;
  }

  /** @throws {ConcordError} `file/missing` or `argument/invalid` when there is no such folder. */
  static async open(path: string): Promise<ServedFolder> {
    const hint = "Name the folder that contains the runs; concord run <config.yaml> makes one.";
    const root = await realpath(path).catch((error: unknown) => {
      if (systemCode(error) !== "ENOENT") throw ioError(error, "serve", path);
      throw new ConcordError("file/missing", `There is no folder ${path} to serve.`, { hint });
    });
    if (!(await stat(root)).isDirectory())
      throw new ConcordError("argument/invalid", `${path} is not a folder.`, { hint });
    return new ServedFolder(path, root);
  }

  /** The real path of the folder. */
  get root(): string {
    return this.#root;
  }

  /** All runs, by name. Folders behind links are not looked into. */
  async runs(): Promise<ServedRun[]> {
    const folders = await listRuns(this.#root);
    return folders.map((folder) => ({
      name: relative(this.#root, folder.path).split(sep).join("/") || ".",
      folder,
    }));
  }

  /** The path of a run as it is typed behind a command. */
  typed(name: string): string {
    return join(this.given, name);
  }

  /**
   * A run by its name.
   *
   * @throws {HttpFailure} 403 for a name or a link that leads out of the folder, 404 for a run that
   *   is not there.
   */
  async find(name: string): Promise<ServedRun> {
    if (/^[/\\]|\\|\0/.test(name) || name.split("/").includes("..") || /^[a-z]:/i.test(name))
      throw outside(name, "The name of a run is a path below the served folder, without `..`.");
    const path = join(this.#root, name);
    const folder = new RunFolder(path);
    const real = await realpath(path).catch(() => undefined);
    if (real !== undefined && !this.#holds(real))
      throw outside(name, "It is a link to another place; serve the folder that it leads to.");
    if (real === undefined || !folder.exists)
      throw new HttpFailure(
        404,
        "run/missing",
        `There is no run "${showName(name)}" in ${this.given}.`,
        "It may have been removed or renamed since it was listed: load the list again.",
      );
    await this.requireInside({ name, folder });
    return { name, folder };
  }

  /**
   * Looks through what the server reads of a run.
   *
   * @throws {HttpFailure} 403 for a link that leads out of the served folder, or something that is
   *   neither a file nor a folder.
   */
  async requireInside({ name, folder }: ServedRun): Promise<void> {
    await this.#look(name, folder.path, DEPTH);
  }

  #holds(real: string): boolean {
    return real === this.#root || real.startsWith(this.#root.replace(/\/?$/, sep));
  }

  async #look(name: string, path: string, depth: number): Promise<void> {
    const entries = await readdir(path, { withFileTypes: true }).catch((): Dirent[] => []);
    await Promise.all(
      entries.map(async (entry) => {
        const inner = join(path, entry.name);
        if (entry.isFile() || UNREAD.has(entry.name)) return;
        const shown = `${name}/${relative(join(this.#root, name), inner)}`;
        let isFolder = entry.isDirectory();
        if (entry.isSymbolicLink()) {
          const real = await realpath(inner).catch((error: unknown) => {
            // A link to nothing is read as a file that is missing.
            if (systemCode(error) === "ENOENT") return undefined;
            throw outside(shown, "Its links lead in a circle, or cannot be followed.");
          });
          if (real === undefined) return;
          if (!this.#holds(real))
            throw outside(shown, "It is a link to another place; put the file itself there.");
          const target = await stat(real);
          if (target.isFile()) return;
          isFolder = target.isDirectory();
        }
        if (!isFolder) throw outside(shown, "It is a pipe, a socket or a device, not a file.");
        if (depth > 0) await this.#look(name, inner, depth - 1);
      }),
    );
  }
}

function outside(name: string, hint: string): HttpFailure {
  const problem = `Refused to read "${showName(name)}": it leaves the served folder.`;
  return new HttpFailure(403, "path/outside", problem, hint);
}
