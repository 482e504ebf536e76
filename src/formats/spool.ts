/**
 * @file Bytes whose number is known only at the end. They are kept in a temporary file next to the
 *   file that they will be part of.
 */

import { createReadStream } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { takeTemporary, writeFully } from "./atomic-file.ts";
import { ioError } from "./io-error.ts";
import { bytesOf } from "./typed-bytes.ts";

/** Bytes gathered in memory before they are written, and read back at a time. */
const PIECE_BYTES = 2 ** 20;

/** A growing file for the time being. `close` removes it. */
export interface Spool {
  readonly byteLength: number;
  /** Appends a copy of the bytes; await it before the next. */
  append(data: Parameters<typeof bytesOf>[0]): Promise<void>;
  /** Everything appended so far, piece by piece. */
  pieces(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Opens an empty spool under a temporary name, which is removed like that of an atomic writer when
 * a process was killed.
 *
 * @throws {ConcordError} `file/missing` when the folder is not there, `file/io`; also from `append`
 *   and `pieces`.
 */
export async function openSpool(path: string): Promise<Spool> {
  const { temporary, release } = await takeTemporary(path);
  const guarded = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw ioError(error, "write", path);
    }
  };
  const handle: FileHandle = await guarded(open(temporary, "wx"));
  const buffer = new Uint8Array(PIECE_BYTES);
  let pending = 0;
  let written = 0;
  const flush = async () => {
    await guarded(writeFully(handle, buffer.subarray(0, pending)));
    written += pending;
    pending = 0;
  };
  return {
    get byteLength() {
      return written + pending;
    },
    async append(data) {
      const bytes = bytesOf(data);
      for (let done = 0; done < bytes.byteLength; ) {
        const count = Math.min(bytes.byteLength - done, PIECE_BYTES - pending);
        buffer.set(bytes.subarray(done, done + count), pending);
        pending += count;
        done += count;
        if (pending === PIECE_BYTES) await flush();
      }
    },
    async *pieces() {
      await flush();
      const stream = createReadStream(temporary, { highWaterMark: PIECE_BYTES });
      try {
        for await (const piece of stream) yield piece as Uint8Array;
      } catch (error) {
        throw ioError(error, "read", temporary);
      }
    },
    async close() {
      await handle.close();
      await rm(temporary, { force: true });
      release();
    },
  };
}
