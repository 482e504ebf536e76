/**
 * @file A folder kept in an object store: sent file by file, published by one manifest, received
 *   whole. A writer claims the folder first. A later claim takes it away, so that what an earlier
 *   writer still sends is never published.
 */

import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { ConcordError, FormatError } from "../../errors.ts";
import { isTemporaryName } from "../../formats/atomic-file.ts";
import { type OpenFile, withFile } from "../../formats/file-bytes.ts";
import { requireFreeBytes } from "../../formats/free-bytes.ts";
import { ioError } from "../../formats/io-error.ts";
import { makeFolder } from "../../formats/make-folder.ts";
import { sha256Of, sha256OfOpen } from "../checksums.ts";
import {
  MANIFEST,
  type Manifest,
  manifestBytes,
  parseManifest,
  type StoredFile,
} from "./manifest.ts";
import type { ObjectStore } from "./object-store.ts";

/** Names that are never sent: locks, claims, and files on their way to another name. */
const OWN = /(^|\/)(claims|writer\.lock|[^/]+\.(part|part\.json|partial|journal))(\/|$)/;

/** Files may vanish while they are sent, as old checkpoints do; then the folder is read again. */
const MOST_READINGS = 5;

/** A manifest, and the version of it that was read. */
interface Published {
  readonly manifest: Manifest;
  readonly etag: string;
}

/** Paths of the files below a folder, sorted; `last` comes at the end. */
async function filesBelow(folder: string, last: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error) => {
    throw ioError(error, "list", folder);
  });
  const paths = entries
    .filter((entry) => entry.isFile() && !isTemporaryName(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, "/").length))
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !OWN.test(path))
    .sort();
  return [...paths.filter((path) => path !== last), ...paths.filter((path) => path === last)];
}

/** A folder of a store. Not for two writers of one process at once. */
export class StoredFolder {
  /** Its place in the store: `runs/mfr/0`. */
  readonly name: string;
  readonly #store: ObjectStore;
  readonly #last: string;
  /** Set by `claim`. */
  #claimed: Published | undefined;
  /** Checksums of files by what the disk says of them, so that nothing is read twice. */
  readonly #sums = new Map<string, string>();

  /** @param last The file that makes the folder whole: `run.json`, `index.json`. */
  constructor(store: ObjectStore, name: string, last: string) {
    this.name = name;
    this.#store = store;
    this.#last = last;
  }

  /** What is published; undefined for a folder that is not there. */
  async read(): Promise<Published | undefined> {
    const key = `${this.name}/${MANIFEST}`;
    const found = await this.#store.bucket.get(key);
    if (found === undefined) return undefined;
    const where = `${this.#store.bucket.name}/${key}`;
    return { manifest: parseManifest(found.bytes, where), etag: found.etag };
  }

  /**
   * Takes the folder: its attempt becomes one more than any before, and who wrote it until now can
   * publish no more.
   *
   * @returns The files that are there, and the attempt.
   * @throws {ConcordError} `run/conflict` when another writer claims it at the same moment.
   */
  async claim(writer: string): Promise<Manifest> {
    const before = await this.read();
    const { attempt = 0, files = [] } = before?.manifest ?? {};
    const manifest = { attempt: attempt + 1, writer, files };
    await this.#replace(manifest, before?.etag ?? null);
    return manifest;
  }

  /**
   * Sends what is new or has changed in a local folder, then publishes the whole. Objects that only
   * the manifest before named are removed.
   *
   * @throws {ConcordError} `run/conflict` after somebody else has claimed the folder, when nothing
   *   of theirs is touched; `network/failed`; `file/io`; `interrupted`.
   */
  async publish(folder: string): Promise<Manifest> {
    const claimed = this.#requireClaim();
    for (let reading = 1; ; reading++)
      try {
        const files = await this.#send(folder, claimed.manifest);
        const manifest = { ...claimed.manifest, files };
        await this.#replace(manifest, claimed.etag);
        await this.#removeUnnamed(claimed.manifest, manifest);
        return manifest;
      } catch (error) {
        const hasChanged =
          error instanceof FormatError ||
          (error instanceof ConcordError && error.code === "file/missing");
        if (!hasChanged || reading === MOST_READINGS) throw error;
      }
  }

  /**
   * Makes a local folder equal to what is published. Files that are right stay, others are received
   * and checked. Files that the manifest does not name are removed. When the writer publishes
   * again meanwhile, it begins anew.
   *
   * @returns The manifest; undefined, and nothing is done, for a folder that is not there.
   * @throws {ConcordError} `network/failed`; `file/io`, also before anything is received when the
   *   disk is too small; `interrupted`. {FormatError} for bytes that are not what was sent.
   */
  async pull(folder: string): Promise<Manifest | undefined> {
    await makeFolder(folder);
    for (let reading = 1; ; reading++) {
      const manifest = (this.#claimed ?? (await this.read()))?.manifest;
      if (manifest === undefined) return undefined;
      try {
        await this.#receive(folder, manifest);
        return manifest;
      } catch (error) {
        const isMissing = error instanceof ConcordError && error.code === "file/missing";
        if (!isMissing || this.#claimed || reading === MOST_READINGS) throw error;
      }
    }
  }

  async #receive(folder: string, manifest: Manifest): Promise<void> {
    const missing: StoredFile[] = [];
    for (const file of manifest.files)
      if (!(await isRight(join(folder, file.path), file))) missing.push(file);
    const bytes = missing.reduce((sum, file) => sum + file.bytes, 0);
    await requireFreeBytes(this.name, folder, bytes);
    const named = new Set(manifest.files.map(({ path }) => path));
    for (const path of await filesBelow(folder, this.#last))
      if (!named.has(path)) await rm(join(folder, path), { force: true });
    for (const file of missing) {
      const key = `${this.name}/${file.object}`;
      const path = join(folder, file.path);
      await this.#store.bucket.download(key, path, file.bytes, file.sha256);
    }
  }

  #requireClaim(): Published {
    if (this.#claimed) return this.#claimed;
    throw new Error(`${this.name} is published before it is claimed.`);
  }

  async #send(folder: string, { attempt, files: before }: Manifest): Promise<StoredFile[]> {
    const known = new Map(before.map((file) => [`${file.path} ${file.sha256}`, file]));
    const files: StoredFile[] = [];
    for (const path of await filesBelow(folder, this.#last))
      files.push(await this.#sendFile(folder, path, attempt, known));
    return files;
  }

  async #sendFile(
    folder: string,
    path: string,
    attempt: number,
    known: ReadonlyMap<string, StoredFile>,
  ): Promise<StoredFile> {
    return withFile(join(folder, path), async (file) => {
      // A log may grow meanwhile: its first bytes are what it was.
      const bytes = file.size;
      const sha256 = await this.#sumOf(file);
      const there = known.get(`${path} ${sha256}`);
      if (there?.bytes === bytes) return there;
      const object = `files/${attempt}-${sha256}`;
      const key = `${this.name}/${object}`;
      const { bucket } = this.#store;
      // An attempt that broke off may have sent it already.
      if ((await bucket.sizeOf(key)) !== bytes) await bucket.upload(key, file, bytes);
      return { path, bytes, sha256, object };
    });
  }

  async #sumOf(file: OpenFile): Promise<string> {
    const { ino, mtimeMs } = await file.handle.stat();
    const state = `${file.path} ${ino} ${mtimeMs} ${file.size}`;
    const found = this.#sums.get(state) ?? (await sha256OfOpen(file));
    this.#sums.set(state, found);
    return found;
  }

  /** Writes the manifest if it is still the version that was read. */
  async #replace(manifest: Manifest, etag: string | null): Promise<void> {
    const { bucket, comparesAndSwaps } = this.#store;
    const key = `${this.name}/${MANIFEST}`;
    const bytes = manifestBytes(manifest);
    let isDone: boolean;
    if (comparesAndSwaps) isDone = await bucket.put(key, bytes, { replaces: etag });
    else {
      isDone = ((await bucket.get(key))?.etag ?? null) === etag;
      if (isDone) await bucket.put(key, bytes);
    }
    const now = await this.read();
    const isOurs = now !== undefined && Buffer.from(bytes).equals(manifestBytes(now.manifest));
    if (isDone && isOurs) this.#claimed = now;
    else throw this.#late(now?.manifest, manifest);
  }

  #late(there: Manifest | undefined, mine: Manifest): ConcordError {
    const other = there ? `attempt ${there.attempt} (${there.writer})` : "another attempt";
    return new ConcordError(
      "run/conflict",
      `${this.#store.bucket.name}/${this.name} belongs to ${other}: attempt ${mine.attempt} came too late, and changed nothing there.`,
      { hint: "Nothing has to be done: the other attempt goes on from the last checkpoint." },
    );
  }

  async #removeUnnamed(before: Manifest, now: Manifest): Promise<void> {
    const named = new Set(now.files.map(({ object }) => object));
    for (const { object } of before.files)
      if (!named.has(object)) await this.#store.bucket.remove(`${this.name}/${object}`);
  }
}

async function isRight(path: string, { bytes, sha256 }: StoredFile): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && found.size === bytes && (await sha256Of(path)) === sha256;
}
