/**
 * @file An incomplete file: its bytes are in `<file>.part`, and `<file>.part.json` records the
 *   version of the remote file that they belong to. Without the record the bytes cannot be trusted,
 *   and the download starts over.
 */

import { type FileHandle, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder, writeFileAtomically, writeFully } from "../formats/atomic-file.ts";
import { ioError } from "../formats/io-error.ts";
import { PART_SUFFIX } from "./listing/entry-name.ts";

/** What distinguishes one version of a remote file from another (RFC 9110 §8.8). */
export interface Version {
  /** As sent, with its quotes. */
  readonly etag?: string;
  readonly lastModified?: string;
  readonly bytes?: number;
}

/** Bytes of an unfinished file that are on the disk; 0 when there is none. */
export async function partialBytes(target: string): Promise<number> {
  return stat(target + PART_SUFFIX).then(
    ({ size }) => size,
    () => 0,
  );
}

async function readVersion(target: string): Promise<Version | undefined> {
  try {
    const text = await readFile(`${target}${PART_SUFFIX}.json`, "utf8");
    const { etag, last_modified: lastModified, bytes } = JSON.parse(text);
    return {
      ...(typeof etag === "string" && { etag }),
      ...(typeof lastModified === "string" && { lastModified }),
      ...(Number.isSafeInteger(bytes) && { bytes }),
    };
  } catch {
    return undefined;
  }
}

/** An unfinished file, open for more. */
export class PartialFile {
  readonly path: string;
  readonly #target: string;
  readonly #handle: FileHandle;
  #bytes: number;
  #version: Version | undefined;

  private constructor(target: string, handle: FileHandle, bytes: number, version?: Version) {
    this.#target = target;
    this.path = target + PART_SUFFIX;
    this.#handle = handle;
    this.#bytes = bytes;
    this.#version = version;
  }

  /**
   * Opens what is there, or an empty one. @throws {ConcordError} `file/io`, `file/missing` (no such
   * folder).
   */
  static async open(target: string, openFile: typeof open = open): Promise<PartialFile> {
    const path = target + PART_SUFFIX;
    try {
      const handle = await openFile(path, "a+");
      try {
        const { size } = await handle.stat();
        return new PartialFile(target, handle, size, await readVersion(target));
      } catch (error) {
        await handle.close();
        throw error;
      }
    } catch (error) {
      throw ioError(error, "write", path);
    }
  }

  /** Bytes that are there. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The version that they belong to, when it is known. */
  get version(): Version | undefined {
    return this.#version;
  }

  /**
   * Empties the file for another version. A crash in between leaves an empty file, never bytes of
   * one version named as another.
   */
  async restart(version: Version): Promise<void> {
    const { etag, lastModified, bytes } = version;
    await this.#guarded(this.#handle.truncate(0));
    this.#bytes = 0;
    this.#version = version;
    const facts = { etag, last_modified: lastModified, bytes };
    await writeFileAtomically(`${this.path}.json`, `${JSON.stringify(facts)}\n`);
  }

  async append(chunk: Uint8Array): Promise<void> {
    await this.#guarded(writeFully(this.#handle, chunk));
    this.#bytes += chunk.byteLength;
  }

  /** Flushes what came to the disk. */
  async sync(): Promise<void> {
    await this.#guarded(this.#handle.sync());
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** Gives the closed file its name. */
  async finish(): Promise<void> {
    await this.#guarded(rename(this.path, this.#target));
    await rm(`${this.path}.json`, { force: true });
    await syncFolder(dirname(this.#target));
  }

  /** Removes the closed file: what came was wrong. */
  async discard(): Promise<void> {
    await rm(this.path, { force: true });
    await rm(`${this.path}.json`, { force: true });
  }

  async #guarded<T>(operation: Promise<T>): Promise<T> {
    try {
      return await operation;
    } catch (error) {
      throw ioError(error, "write", this.path);
    }
  }
}
