/**
 * @file .npz: a zip archive of .npy arrays, as numpy.savez and numpy.savez_compressed write it.
 *   Ours are as those of numpy.savez, not compressed.
 */

import { crc32 } from "node:zlib";
import yauzl, { type Entry } from "yauzl";
import type { Tensor } from "../base/tensor.ts";
import { ConcordError, FormatError, messageOf } from "../errors.ts";
import { writeFileAtomically } from "./atomic-file.ts";
import { DAMAGED } from "./damaged.ts";
import { ioError } from "./io-error.ts";
import { npyPieces, parseNpy } from "./npy.ts";
import { showName } from "./show-name.ts";
import { zipPieces } from "./zip-writer.ts";

/** Arrays in one archive. */
const ENTRIES_MAX = 4096;

/** An array is read whole; V8 holds no larger buffer on every platform. */
const ARRAY_BYTES_MAX = 2 ** 32;

/**
 * Reads the arrays of an archive, each into memory of its own.
 *
 * @returns Arrays by name, without the ending .npy.
 * @throws {FormatError} when it is not a zip archive of .npy files, or one array is larger than 4
 *   GiB; {ConcordError} `file/missing`, `file/io`.
 */
export async function readNpz(path: string): Promise<Map<string, Tensor>> {
  let zip: Awaited<ReturnType<typeof yauzl.openPromise>>;
  try {
    zip = await yauzl.openPromise(path, { autoClose: false });
  } catch (error) {
    if (error instanceof Error && "code" in error) throw ioError(error, "read", path);
    throw new FormatError(path, `not a zip archive, so not an .npz: ${messageOf(error)}`, DAMAGED);
  }
  try {
    if (zip.entryCount > ENTRIES_MAX)
      throw new FormatError(path, `${zip.entryCount} files in the archive`, DAMAGED);
    const arrays = new Map<string, Tensor>();
    for await (const entry of zip.eachEntry()) {
      const { fileName } = entry as Entry;
      if (!fileName.endsWith(".npy"))
        throw new FormatError(
          path,
          `${showName(fileName)} in the archive is not an .npy file`,
          DAMAGED,
        );
      if (entry.uncompressedSize > ARRAY_BYTES_MAX)
        throw new FormatError(path, `${showName(fileName)} has more than 4 GiB`, {
          hint: "Save it as safetensors.",
        });
      const pieces: Uint8Array[] = [];
      for await (const piece of await zip.openReadStreamPromise(entry))
        pieces.push(piece as Uint8Array);
      const bytes = Buffer.concat(pieces);
      if (crc32(bytes) !== entry.crc32)
        throw new FormatError(
          path,
          `${showName(fileName)} does not have the checksum that it should`,
          DAMAGED,
        );
      const name = fileName.slice(0, -".npy".length);
      arrays.set(name, parseNpy(bytes, `${path}: ${showName(fileName)}`));
    }
    return arrays;
  } catch (error) {
    if (error instanceof ConcordError) throw error;
    throw new FormatError(path, `damaged: ${messageOf(error)}`, DAMAGED);
  } finally {
    zip.close();
  }
}

/**
 * Writes the arrays of an archive by name. It is there whole or not at all.
 *
 * @throws {ConcordError} `format/too-large` at 4 GiB or more; `argument/invalid` for bfloat16,
 *   which .npy does not have; `file/io`.
 */
export async function writeNpz(path: string, arrays: ReadonlyMap<string, Tensor>): Promise<void> {
  const files = Array.from(arrays, ([name, array]) => ({
    name: `${name}.npy`,
    pieces: npyPieces(array, 1),
  }));
  await writeFileAtomically(path, zipPieces(path, files));
}
