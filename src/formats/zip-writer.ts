/**
 * @file Writes zip archives of uncompressed files, which is what .npz files and files of
 *   `torch.save` are. The same contents give the same bytes: all dates are the first that zip has.
 *
 * Layout: APPNOTE 6.3.10 of PKWARE, sections 4.3.7, 4.3.12 and 4.3.16, without the 64-bit records.
 */

import { crc32 } from "node:zlib";
import { ConcordError } from "../errors.ts";

/** A file of an archive. */
export interface ZipFile {
  readonly name: string;
  /** Its bytes, in order. */
  readonly pieces: readonly Uint8Array[];
}

/** 1 January 1980. */
const DATE = 0x21;
const VERSION = 20;

/** What records of 32 bits can count. */
const MOST_BYTES = 2 ** 32 - 1;

/** Id of an extra field that holds nothing but padding; the one that torch takes. */
const PADDING = 0x4246;

interface Facts {
  readonly name: Buffer;
  readonly crc: number;
  readonly bytes: number;
  /** Where its local header begins. */
  readonly start: number;
}

/** The fields that both headers of a file share, from the version on. */
function sharedFields({ name, crc, bytes }: Facts, extra: number): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(VERSION, 0);
  fields.writeUInt16LE(DATE, 8);
  fields.writeUInt32LE(crc, 10);
  fields.writeUInt32LE(bytes, 14);
  fields.writeUInt32LE(bytes, 18);
  fields.writeUInt16LE(name.byteLength, 22);
  fields.writeUInt16LE(extra, 24);
  return fields;
}

/** An extra field, so that the bytes behind `at` begin at a multiple of `align`. */
function padding(at: number, align: number): Buffer {
  const missing = (align - (at % align)) % align;
  if (missing === 0) return Buffer.alloc(0);
  const extra = Buffer.alloc(missing < 4 ? missing + align : missing);
  extra.writeUInt16LE(PADDING, 0);
  extra.writeUInt16LE(extra.byteLength - 4, 2);
  return extra;
}

function localHeader(facts: Facts, align: number): Buffer {
  const extra = padding(facts.start + 30 + facts.name.byteLength, align);
  const signature = Buffer.from("PK\x03\x04");
  return Buffer.concat([signature, sharedFields(facts, extra.byteLength), facts.name, extra]);
}

function centralHeader(facts: Facts): Buffer {
  const place = Buffer.alloc(14);
  place.writeUInt32LE(facts.start, 10);
  const made = Buffer.from([VERSION, 0]);
  const signature = Buffer.from("PK\x01\x02");
  return Buffer.concat([signature, made, sharedFields(facts, 0), place, facts.name]);
}

function endRecord(files: number, start: number, bytes: number): Buffer {
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06");
  end.writeUInt16LE(files, 8);
  end.writeUInt16LE(files, 10);
  end.writeUInt32LE(bytes, 12);
  end.writeUInt32LE(start, 16);
  return end;
}

/**
 * The bytes of an archive, piece by piece; those of the files are not copied.
 *
 * @param where Names the archive in errors.
 * @param align Contents begin at multiples of this.
 * @throws {ConcordError} `format/too-large` when the archive would have 4 GiB or more.
 */
export function zipPieces(where: string, files: readonly ZipFile[], align = 1): Uint8Array[] {
  const out: Uint8Array[] = [];
  const found: Facts[] = [];
  let at = 0;
  for (const { name, pieces } of files) {
    const bytes = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
    const crc = pieces.reduce((sum, piece) => crc32(piece, sum), 0);
    const facts = { name: Buffer.from(name), crc, bytes, start: at };
    if (at + bytes > MOST_BYTES) throw tooLarge(where);
    const header = localHeader(facts, align);
    out.push(header, ...pieces);
    found.push(facts);
    at += header.byteLength + bytes;
  }
  const directory = Buffer.concat(found.map(centralHeader));
  if (at + directory.byteLength > MOST_BYTES) throw tooLarge(where);
  out.push(directory, endRecord(files.length, at, directory.byteLength));
  return out;
}

function tooLarge(where: string): ConcordError {
  return new ConcordError("format/too-large", `${where} would have 4 GiB or more.`, {
    hint: "Choose a format that keeps its weights as safetensors.",
  });
}
