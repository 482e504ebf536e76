/**
 * @file A task where a worker can do it: in the folders that all share, or in a folder of its own.
 *   An object store then fills and empties that folder.
 */

import { basename, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ConcordError, messageOf } from "../../errors.ts";
import { runFolder } from "../../experiments/open-run.ts";
import type { ObjectStore } from "../../fetch/objects/object-store.ts";
import { readText } from "../../formats/read-text.ts";
import { logsFolder, MARKER, statusFile } from "../batch.ts";
import type { JobStatus } from "../job-status.ts";
import { readStatus, statusText } from "../job-status.ts";
import type { Outcome } from "../outcome.ts";
import { placeJob } from "../store/job-store.ts";
import { RunSync, storedRun } from "../store/run-sync.ts";
import type { Task } from "./task.ts";

/** Between two attempts to send a run that is ready. */
const SEND_AGAIN_MS = 10_000;

/** What placing a task needs of the worker. */
export interface Placing {
  /** Where tasks without shared folders are done. */
  readonly root: string;
  readonly host: string;
  readonly pid: number;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
  /** Opens the store at a location; the same one for all its tasks. */
  readonly openStore: (location: string) => Promise<ObjectStore>;
}

/** A task that can be done now. */
export class PlacedTask {
  readonly #task: Task;
  readonly #folder: string;
  readonly #file: string;
  #sync: RunSync | undefined;
  #isLate = false;

  private constructor(task: Task, folder: string, file: string) {
    this.#task = task;
    this.#folder = folder;
    this.#file = file;
  }

  /**
   * Finds the folders of a task, or makes them.
   *
   * @param onLate Called when another worker has taken over what this one does.
   * @throws {ConcordError} `file/missing` when this machine does not see the folder of the batch;
   *   as `placeJob` and `RunSync.begin`.
   */
  static async place(task: Task, worker: Placing, onLate: () => void): Promise<PlacedTask> {
    const { store, batch, folder, file } = task;
    const { host, pid, root, signal, say } = worker;
    if (!store) {
      const marker = await readText(join(folder, MARKER)).catch(() => undefined);
      if (marker?.trim() === batch) return new PlacedTask(task, folder, file);
      throw new ConcordError(
        "file/missing",
        `the worker on ${host} does not see ${folder}: share it under the same path, or name a store`,
      );
    }
    const objects = await worker.openStore(store.location);
    const { text, inputs } = store;
    const placed = await placeJob(objects, root, { batch, text, inputs }, signal);
    const { job } = placed;
    const own = new PlacedTask(task, placed.folder, placed.file);
    if (job.kind === "run") {
      const { config } = job.run.planned;
      const path = resolve(job.cwd, runFolder(config).path);
      const late = () => {
        own.#isLate = true;
        onLate();
      };
      const writer = `${host} ${pid}`;
      const tell = (line: string) => say(`${task.name}: ${line}`);
      const stored = storedRun(objects, config.name);
      own.#sync = await RunSync.begin(stored, path, writer, { say: tell, onLate: late });
    }
    return own;
  }

  get #id(): string {
    return basename(this.#file, ".json");
  }

  /** What follows `concord jobs work`. */
  get args(): string[] {
    const { submission, store } = this.#task;
    const own = store ? ["--store", store.location] : [];
    return [this.#file, "--submission", String(submission), ...own];
  }

  /** The file of what its process prints. */
  get log(): string {
    return join(logsFolder(this.#folder), `${this.#id}.txt`);
  }

  /** What this submission has said of itself. */
  async status(): Promise<JobStatus | undefined> {
    const said = await readStatus(statusFile(this.#folder, this.#id));
    return said?.submission === this.#task.submission ? said : undefined;
  }

  /**
   * Why its process failed, in its own words: of its status, or the last line that it printed as an
   * error. On a full disk the status may be missing.
   */
  async reason(): Promise<string | undefined> {
    const said = (await this.status())?.error?.message;
    if (said !== undefined) return said;
    const printed = await readText(this.log).catch(() => "");
    return [...printed.matchAll(/^error: (.*)$/gm)].at(-1)?.[1];
  }

  /** Called now and then while its process works. @param tell Carries its status elsewhere. */
  async look(tell: (status: string) => Promise<void>): Promise<void> {
    if (!this.#task.store) return;
    await this.#sync?.look();
    const status = await this.status();
    if (status) await tell(statusText(status));
  }

  /**
   * Sends what its process left, and tries for as long as the store is away, unless the worker is
   * to stop.
   *
   * @returns How it ended: `superseded` when another worker has taken it over.
   */
  async end(outcome: Outcome, { signal, say }: Placing): Promise<Outcome> {
    if (!this.#sync || outcome === "superseded") return outcome;
    while (!this.#isLate)
      try {
        await this.#sync.end();
        return outcome;
      } catch (error) {
        if (error instanceof ConcordError && error.code === "run/conflict") break;
        say(`${this.#task.name}: ${messageOf(error)}`);
        if (signal.aborted) return outcome === "finished" ? "retry" : outcome;
        await sleep(SEND_AGAIN_MS, undefined, { signal }).catch(() => undefined);
      }
    return "superseded";
  }
}
