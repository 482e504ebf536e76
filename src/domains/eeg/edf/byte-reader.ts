/** @file Random access to the bytes of an EDF file, on disk or in memory. */

import { FormatError } from "../../../errors.ts";
import { openForReading, readExactly } from "../../../formats/file-bytes.ts";

/** Bytes that can be read at any position. `name` is what error messages call it. */
export interface ByteReader {
  readonly name: string;
  /** Length in bytes when it was opened. */
  readonly size: number;
  /**
   * Fills `out` with the bytes from `position` on.
   *
   * @throws {FormatError} when there are fewer bytes than asked for.
   */
  read(position: number, out: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens a file for reading at any position.
 *
 * @throws {ConcordError} `file/missing` or `file/io`.
 */
export async function openByteReader(path: string): Promise<ByteReader> {
  const file = await openForReading(path);
  return {
    name: path,
    size: file.size,
    read: (position, out) => readExactly(file, out, position),
    close: () => file.handle.close(),
  };
}

/** Reads from bytes that are already in memory. */
export function memoryByteReader(bytes: Uint8Array, name = "(memory)"): ByteReader {
  return {
    name,
    size: bytes.length,
    async read(position, out) {
      const missing = position + out.length - bytes.length;
      if (missing > 0) {
        throw new FormatError(`${name} at byte ${position}`, `${missing} bytes are missing.`);
      }
      out.set(bytes.subarray(position, position + out.length));
    },
    close: async () => {},
  };
}
