/**
 * @file JSON Lines: one JSON value a line, appended as a run goes on. A process killed while
 *   writing leaves a torn last line; readers leave it out and appenders cut it off before they go
 *   on, so a log is never lost to its end.
 */

import { type FileHandle, open } from "node:fs/promises";
import { FormatError } from "../errors.ts";
import { writeFully } from "./atomic-file.ts";
import { type OpenFile, readExactly, withFile } from "./file-bytes.ts";
import { ioError } from "./io-error.ts";

/**
 * The longest line that is read: a metrics line of 100 members × 50 metrics is 0.1 MB; a record
 * never needs more.
 */
export const MAX_LINE_BYTES = 64 * 2 ** 20;

const CHUNK_BYTES = 2 ** 20;
const NEWLINE = 0x0a;

/**
 * One value a line, each line ended. Values must be JSON: `NaN` and infinities become null, as in
 * `JSON.stringify`.
 *
 * @throws {FormatError} for values that JSON leaves out altogether (undefined, functions).
 */
export function serializeJsonl(records: Iterable<unknown>): string {
  let text = "";
  for (const record of records) {
    const line: string | undefined = JSON.stringify(record);
    if (line === undefined) throw new FormatError("jsonl", `${typeof record} is not a JSON value.`);
    text += `${line}\n`;
  }
  return text;
}

/**
 * Reads a JSON Lines file line by line, in memory no larger than its longest line. Empty lines are
 * skipped; a last line without its newline counts when it is JSON and is left out when it is not
 * (torn).
 *
 * @throws {FormatError} naming the line that is not JSON; {ConcordError} `file/missing` or
 *   `file/io`.
 */
export async function* readJsonl(path: string): AsyncGenerator<unknown, void, undefined> {
  const file = await withFile(path, async (opened) => opened, true);
  try {
    let rest: Buffer = Buffer.alloc(0);
    let number = 0;
    for (let position = 0; position < file.size; position += CHUNK_BYTES) {
      const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, file.size - position));
      await readExactly(file, chunk, position);
      const bytes: Buffer = rest.byteLength === 0 ? chunk : Buffer.concat([rest, chunk]);
      let start = 0;
      for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
        const parsed = parseLine(bytes.toString("utf8", start, end), ++number, false, path);
        if (parsed !== undefined) yield parsed.value;
        start = end + 1;
      }
      rest = bytes.subarray(start);
      if (rest.byteLength > MAX_LINE_BYTES)
        throw new FormatError(`${path}:${number + 1}`, `the line is over ${MAX_LINE_BYTES} bytes.`);
    }
    const parsed = parseLine(rest.toString("utf8"), number + 1, true, path);
    if (parsed !== undefined) yield parsed.value;
  } finally {
    await file.handle.close();
  }
}

/** A JSON Lines file open at its end. */
export interface JsonlAppender {
  /** Appends values, one line each, in one write; calls that overlap keep their order. */
  append(...records: unknown[]): Promise<void>;
  /** Flushes what was appended to the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a JSON Lines file for appending, creating it if need be. A torn last line is cut off; a
 * last line that is whole but for its newline gets one. An append that fails (full disk) leaves the
 * lines before it and nothing of its own.
 *
 * @throws {ConcordError} `file/io` or `file/missing` (no such folder).
 */
export async function openJsonlAppender(path: string): Promise<JsonlAppender> {
  const guarded = async <T>(operation: Promise<T>): Promise<T> => {
    try {
      return await operation;
    } catch (error) {
      throw ioError(error, "write", path);
    }
  };
  const handle = await guarded(open(path, "a+"));
  let end: number;
  try {
    end = await guarded(mendLastLine(handle, path));
  } catch (error) {
    await handle.close();
    throw error;
  }
  let queue: Promise<void> = Promise.resolve();
  const write = async (bytes: Uint8Array): Promise<void> => {
    try {
      await writeFully(handle, bytes);
      end += bytes.byteLength;
    } catch (error) {
      await handle.truncate(end).catch(() => undefined);
      throw error;
    }
  };
  return {
    append(...records) {
      const bytes = new TextEncoder().encode(serializeJsonl(records));
      const written = queue.then(() => write(bytes));
      queue = written.catch(() => undefined);
      return guarded(written);
    },
    sync: () => guarded(queue.then(() => handle.sync())),
    close: () => guarded(queue.then(() => handle.close())),
  };
}

/** Makes the file end with a whole line. @returns Its size then. */
async function mendLastLine(handle: FileHandle, path: string): Promise<number> {
  const { size } = await handle.stat();
  const file = { handle, path, size };
  const whole = await endOfLastLine(file);
  if (whole === size) return size;
  const rest = new Uint8Array(Math.min(size - whole, MAX_LINE_BYTES));
  await readExactly(file, rest, whole);
  if (parseLine(Buffer.from(rest).toString("utf8"), 0, true, path) === undefined) {
    await handle.truncate(whole);
    return whole;
  }
  await writeFully(handle, new Uint8Array([NEWLINE]));
  return size + 1;
}

/** One past the last newline of a file, 0 without any. */
export async function endOfLastLine(file: OpenFile): Promise<number> {
  for (let end = file.size; end > 0; end -= Math.min(end, CHUNK_BYTES)) {
    const start = end - Math.min(end, CHUNK_BYTES);
    const chunk = new Uint8Array(end - start);
    await readExactly(file, chunk, start);
    const newline = chunk.lastIndexOf(NEWLINE);
    if (newline !== -1) return start + newline + 1;
  }
  return 0;
}

function parseLine(
  line: string,
  number: number,
  isLast: boolean,
  where: string,
): { readonly value: unknown } | undefined {
  if (line.trim() === "") return undefined;
  try {
    return { value: JSON.parse(line) };
  } catch (error) {
    if (isLast) return undefined;
    throw new FormatError(`${where}:${number}`, "the line is not JSON.", {
      cause: error,
      hint: "If a crash truncated the line, remove it.",
    });
  }
}
