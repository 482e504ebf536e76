/**
 * @file Keeps a run's folder in an object store while a process of this machine trains it. It is
 *   received before, and sent after every checkpoint and at the end.
 */

import { readdir } from "node:fs/promises";
import { ConcordError, messageOf } from "../../errors.ts";
import type { ObjectStore } from "../../fetch/objects/object-store.ts";
import { StoredFolder } from "../../fetch/objects/stored-folder.ts";
import { checkpointSteps } from "../../runs/checkpoints.ts";
import { RunFolder } from "../../runs/run-folder.ts";

/** Where the folder of a run lies in a store. */
export function storedRun(store: ObjectStore, name: string): StoredFolder {
  return new StoredFolder(store, `runs/${name}`, "run.json");
}

/** A run that is sent while it is trained. */
export class RunSync {
  readonly #stored: StoredFolder;
  readonly #folder: RunFolder;
  readonly #say: (text: string) => void;
  readonly #onLate: () => void;
  #sent: string;
  #sending: Promise<void> | undefined;

  private constructor(
    stored: StoredFolder,
    folder: RunFolder,
    sent: string,
    say: (text: string) => void,
    onLate: () => void,
  ) {
    this.#stored = stored;
    this.#folder = folder;
    this.#sent = sent;
    this.#say = say;
    this.#onLate = onLate;
  }

  /**
   * Claims a run and receives what there is of it.
   *
   * @param writer Who trains it, for people.
   * @param onLate Called when another attempt has claimed it meanwhile.
   * @throws {ConcordError} as `StoredFolder.claim` and `pull`.
   */
  static async begin(
    stored: StoredFolder,
    path: string,
    writer: string,
    { say, onLate }: { readonly say: (text: string) => void; readonly onLate: () => void },
  ): Promise<RunSync> {
    await stored.claim(writer);
    await stored.pull(path);
    const folder = new RunFolder(path);
    return new RunSync(stored, folder, await stateOf(folder), say, onLate);
  }

  /** Sends in the background what a new checkpoint or result makes worth sending. */
  async look(): Promise<void> {
    if (this.#sending) return;
    const state = await stateOf(this.#folder);
    if (state === this.#sent) return;
    this.#sending = this.#send(state).finally(() => {
      this.#sending = undefined;
    });
  }

  async #send(state: string): Promise<void> {
    try {
      await this.#stored.publish(this.#folder.path);
      this.#sent = state;
    } catch (error) {
      if (error instanceof ConcordError && error.code === "run/conflict") this.#onLate();
      // The next checkpoint tries again, and training goes on.
      this.#say(messageOf(error));
    }
  }

  /** Sends all that there is. @throws {ConcordError} as `StoredFolder.publish`. */
  async end(): Promise<void> {
    await this.#sending;
    if (this.#folder.exists) await this.#stored.publish(this.#folder.path);
  }
}

/** Changes whenever there is a checkpoint or a result more. */
async function stateOf(folder: RunFolder): Promise<string> {
  const results = await readdir(folder.file("results")).catch(() => []);
  return JSON.stringify([await checkpointSteps(folder), results]);
}
