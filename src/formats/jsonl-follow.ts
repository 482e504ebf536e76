/**
 * @file A JSON Lines file that another process appends to, followed by reading only what is new. A
 *   file that became shorter was cut back, or written anew, and is read from its beginning again.
 */

import { stat } from "node:fs/promises";
import { FormatError } from "../errors.ts";
import { readExactly, withFile } from "./file-bytes.ts";
import { systemCode } from "./io-error.ts";
import { MAX_LINE_BYTES } from "./jsonl.ts";

const CHUNK_BYTES = 2 ** 20;
const NEWLINE = 0x0a;

/** Reads the whole lines of a file that grows. Lines that are still being written are left. */
export class JsonlFollower {
  readonly #path: string;
  /** Everything before it has been read. */
  #offset = 0;
  #inode: number | undefined;
  /** Whether the line at the offset may have begun before it. */
  #isTorn = false;
  readonly #tail: number | undefined;

  /**
   * @param tail Begin with the lines of the last so many bytes; with the first line when left out.
   */
  constructor(path: string, tail?: number) {
    this.#path = path;
    this.#tail = tail;
  }

  /**
   * The lines that were ended since the last call, about a mebibyte at most. Empty without any,
   * and without such a file.
   *
   * @throws {FormatError} for a line that is not JSON, which is then passed over; {ConcordError}
   *   `file/io`.
   */
  async next(): Promise<unknown[]> {
    const stats = await stat(this.#path).catch((error: unknown) => {
      if (systemCode(error) === "ENOENT") return undefined;
      throw error;
    });
    if (!stats) return [];
    if (this.#inode === undefined && this.#tail !== undefined)
      this.#startAt(stats.size - this.#tail);
    else if (stats.ino !== this.#inode || stats.size < this.#offset) this.#startAt(0);
    this.#inode = stats.ino;
    if (stats.size === this.#offset) return [];
    const text = await this.#read();
    return text.split("\n").flatMap((line) => this.#parsed(line));
  }

  #startAt(offset: number): void {
    this.#offset = Math.max(0, offset);
    this.#isTorn = offset > 0;
  }

  /** The text of the whole lines from the offset on, which moves behind them. */
  async #read(): Promise<string> {
    return withFile(this.#path, async (file) => {
      for (let length = CHUNK_BYTES; ; length *= 2) {
        const bytes = new Uint8Array(Math.min(length, Math.max(0, file.size - this.#offset)));
        await readExactly(file, bytes, this.#offset);
        const end = bytes.lastIndexOf(NEWLINE) + 1;
        if (end === 0 && bytes.length === length && length < MAX_LINE_BYTES) continue;
        if (end === 0 && length >= MAX_LINE_BYTES)
          throw new FormatError(this.#path, `a line is over ${MAX_LINE_BYTES} bytes.`);
        const start = this.#isTorn && end > 0 ? bytes.indexOf(NEWLINE) + 1 : 0;
        if (end > 0) this.#isTorn = false;
        this.#offset += end;
        return Buffer.from(bytes.subarray(start, end)).toString("utf8");
      }
    });
  }

  #parsed(line: string): unknown[] {
    if (line.trim() === "") return [];
    try {
      return [JSON.parse(line)];
    } catch (cause) {
      throw new FormatError(this.#path, "a line is not JSON.", { cause });
    }
  }
}
