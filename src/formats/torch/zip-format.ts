/**
 * @file The zip format of torch 1.6 and later: `data.pkl`, and one uncompressed file for every
 *   storage.
 */

import yauzl, { type Entry, type ZipFile } from "yauzl";
import { DTYPE_BYTES } from "../../base/dtype.ts";
import { FormatError } from "../../errors.ts";
import { DAMAGED } from "../damaged.ts";
import type { OpenFile } from "../file-bytes.ts";
import { showName } from "../show-name.ts";
import { unpickle } from "./pickle.ts";
import type { TorchContent } from "./torch-file.ts";

/** Files in the archive; a large model has thousands. */
const ENTRIES_MAX = 2 ** 20;

/** A pickle describes tensors and does not hold them; anything near this is not one. */
const PICKLE_BYTES_MAX = 2 ** 26;

const STORED = 0;

/** Reads a file of the archive whole. */
async function contentOf(zip: ZipFile, entry: Entry, where: string): Promise<Uint8Array> {
  if (entry.uncompressedSize > PICKLE_BYTES_MAX)
    throw new FormatError(where, `${showName(entry.fileName)} is too large`, DAMAGED);
  const pieces: Uint8Array[] = [];
  for await (const piece of await zip.openReadStreamPromise(entry))
    pieces.push(piece as Uint8Array);
  return Buffer.concat(pieces);
}

function dataStart(zip: ZipFile, entry: Entry): Promise<number> {
  return new Promise((resolve, reject) => {
    zip.readLocalFileHeader(entry, { minimal: true }, (error, header) =>
      header ? resolve(header.fileDataStart) : reject(error),
    );
  });
}

/**
 * Reads the pickle, and finds the storages. @throws {FormatError} when the archive is not one of
 * torch.
 */
export async function readZipFormat({ path, size }: OpenFile): Promise<TorchContent> {
  const zip = await yauzl.openPromise(path, { autoClose: false });
  try {
    if (zip.entryCount > ENTRIES_MAX)
      throw new FormatError(path, `${zip.entryCount} files in the archive`, DAMAGED);
    const entries = new Map<string, Entry>();
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
    const pickle = [...entries.values()].find(({ fileName }) =>
      /^[^/]*\/data\.pkl$/.test(fileName),
    );
    if (!pickle)
      throw new FormatError(
        path,
        "a zip archive without data.pkl, so not one of torch.save",
        DAMAGED,
      );
    const prefix = pickle.fileName.slice(0, -"data.pkl".length);
    const order = entries.get(`${prefix}byteorder`);
    if (order && Buffer.from(await contentOf(zip, order, path)).toString() !== "little")
      throw new FormatError(path, "its numbers are not little-endian", {
        hint: "Load and save it again on a machine of today.",
      });
    const { value } = unpickle(await contentOf(zip, pickle, path), 0, path);
    const starts = new Map<string, number>();
    for (const [name, entry] of entries)
      if (name.startsWith(`${prefix}data/`)) {
        if (entry.compressionMethod !== STORED || entry.isEncrypted())
          throw new FormatError(
            path,
            `${showName(name)} is compressed, which torch.save does not do`,
            DAMAGED,
          );
        starts.set(name, await dataStart(zip, entry));
      }
    return {
      value,
      place({ key, elements, dtype }) {
        const name = `${prefix}data/${key}`;
        const [start, entry] = [starts.get(name), entries.get(name)];
        const needed = elements * DTYPE_BYTES[dtype];
        if (start === undefined || !entry)
          throw new FormatError(path, `storage ${showName(key)} is missing`, DAMAGED);
        if (entry.uncompressedSize < needed || start + needed > size)
          throw new FormatError(
            path,
            `storage ${showName(key)} has fewer than ${needed} bytes`,
            DAMAGED,
          );
        return start;
      },
    };
  } finally {
    zip.close();
  }
}
