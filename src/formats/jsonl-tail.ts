/**
 * @file The end of a JSON Lines file, found from behind: what it costs does not depend on how long
 *   the file is.
 */

import { open } from "node:fs/promises";
import { FormatError } from "../errors.ts";
import { type OpenFile, readExactly, withFile } from "./file-bytes.ts";
import { ioError } from "./io-error.ts";
import { endOfLastLine, MAX_LINE_BYTES } from "./jsonl.ts";

const CHUNK_BYTES = 2 ** 18;
const NEWLINE = 0x0a;

interface Line {
  readonly value: unknown;
  /** One past its newline. */
  readonly end: number;
}

/**
 * The last value of a JSON Lines file whose line is ended; undefined when there is none. @throws as
 * `readJsonl`.
 */
export async function lastOfJsonl(path: string): Promise<unknown> {
  return withFile(path, async (file) => {
    for await (const { value } of linesFromEnd(file)) return value;
    return undefined;
  });
}

/**
 * Cuts a JSON Lines file off behind the last line that is to be kept; a torn line is never kept.
 *
 * @param isKept Whether a value, and with it all before it, is kept.
 * @throws {FormatError} naming the byte of a line that is not JSON; {ConcordError} `file/missing`
 *   or `file/io`.
 */
export async function cutJsonl(path: string, isKept: (value: unknown) => boolean): Promise<void> {
  const kept = await withFile(path, async (file) => {
    for await (const { value, end } of linesFromEnd(file))
      if (isKept(value)) return end === file.size ? undefined : end;
    return file.size === 0 ? undefined : 0;
  });
  if (kept === undefined) return;
  try {
    const handle = await open(path, "r+");
    try {
      await handle.truncate(kept);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw ioError(error, "write", path);
  }
}

/** Lines that are ended, the last one first; empty ones are skipped. */
async function* linesFromEnd(file: OpenFile): AsyncGenerator<Line, void, undefined> {
  // The bytes from `position` on that are not told yet; they end with a newline.
  let held: Uint8Array = new Uint8Array(0);
  let position = await endOfLastLine(file);
  while (position + held.length > 0) {
    const before = held.subarray(0, Math.max(0, held.length - 1)).lastIndexOf(NEWLINE);
    if (before === -1 && position > 0) {
      if (held.length > MAX_LINE_BYTES)
        throw new FormatError(file.path, `a line is over ${MAX_LINE_BYTES} bytes.`);
      const length = Math.min(CHUNK_BYTES, position);
      const longer = new Uint8Array(length + held.length);
      await readExactly(file, longer.subarray(0, length), position - length);
      longer.set(held, length);
      held = longer;
      position -= length;
      continue;
    }
    const text = Buffer.from(held.subarray(before + 1)).toString("utf8");
    if (text.trim() !== "")
      yield { value: parsed(text, file.path, position + before + 1), end: position + held.length };
    held = held.subarray(0, before + 1);
  }
}

function parsed(text: string, path: string, start: number): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FormatError(`${path} at byte ${start}`, "the line is not JSON.", {
      cause,
      hint: "If a crash truncated the line, remove it.",
    });
  }
}
