/**
 * @file Opening an EDF file: reads and checks the header, counts the records that are there, and finds the first sample's
 * moment.
 */

import { type ByteReader, memoryByteReader, openByteReader } from "./byte-reader.ts";
import { EdfFile, type EdfOptions, type EdfSize } from "./edf-file.ts";
import { type EdfHeader, HEADER_BLOCK, headerLength, parseHeader } from "./header.ts";
import { Complaints } from "./header-fields.ts";
import { RecordReader } from "./record-reader.ts";
import { readFirstOnset } from "./texts.ts";

/**
 * Opens an EDF, EDF+, BDF or BDF+ file and reads its header.
 *
 * A file shorter than its header says is read up to its last whole record, with `truncated` set (an error when strict). A
 * record count of −1 is taken from the file's length.
 *
 * @throws {FormatError} naming file, field and byte offset; {ConcordError} `file/missing`, `file/io` or `format/too-large`.
 */
export async function openEdf(path: string, options: EdfOptions = {}): Promise<EdfFile> {
  return openReader(await openByteReader(path), options);
}

/** Like {@link openEdf}, from bytes in memory. */
export async function openEdfBytes(
  bytes: Uint8Array,
  options: EdfOptions = {},
  name?: string,
): Promise<EdfFile> {
  return openReader(memoryByteReader(bytes, name), options);
}

async function openReader(reader: ByteReader, options: EdfOptions): Promise<EdfFile> {
  try {
    const complaints = new Complaints(reader.name, options.strict ?? false);
    if (reader.size < HEADER_BLOCK) {
      const message = `expected at least 256 bytes but found ${reader.size}.`;
      throw complaints.error(
        "header",
        0,
        message,
        "This is not an EDF or BDF file, or only its beginning.",
      );
    }
    const fixed = new Uint8Array(HEADER_BLOCK);
    await reader.read(0, fixed);
    // The version is checked before the length is believed.
    const length = isEdf(fixed) ? headerLength(fixed, complaints) : HEADER_BLOCK;
    if (length > reader.size) {
      throw complaints.error(
        "number of signals",
        252,
        `the header needs ${length} bytes but the file has ${reader.size}.`,
      );
    }
    const bytes = new Uint8Array(length);
    await reader.read(0, bytes);
    const header = parseHeader(bytes, complaints, options);
    const size = measure(header, reader.size, complaints);
    const records = new RecordReader(reader, header, size.recordCount);
    const firstOnset = await readFirstOnset(records, header, complaints);
    return new EdfFile(reader, header, size, firstOnset, complaints, options);
  } catch (error) {
    await reader.close();
    throw error;
  }
}

function isEdf(fixed: Uint8Array): boolean {
  return fixed[0] === 0xff || fixed[0] === 0x30;
}

function measure(header: EdfHeader, fileBytes: number, complaints: Complaints): EdfSize {
  const { declaredRecords: declared, recordBytes } = header;
  const data = fileBytes - header.headerBytes;
  // Records without a single byte: nothing can be counted, and nothing read.
  if (recordBytes === 0) return { recordCount: Math.max(0, declared), truncated: undefined };
  const whole = Math.floor(data / recordBytes);
  const field = "number of data records";
  if (declared > whole || (declared < 0 && data % recordBytes !== 0)) {
    const extraBytes = data - whole * recordBytes;
    const says = declared < 0 ? "an unknown number of" : `${declared}`;
    complaints.warn(
      field,
      236,
      `the header promises ${says} records of ${recordBytes} bytes but the file holds ${whole} and ${extraBytes} bytes more.`,
    );
    return {
      recordCount: whole,
      truncated: { declaredRecords: declared, wholeRecords: whole, extraBytes },
    };
  }
  const recordCount = declared < 0 ? whole : declared;
  const surplus = data - recordCount * recordBytes;
  if (surplus > 0) {
    const after = header.headerBytes + recordCount * recordBytes;
    complaints.warn("data records", after, `${surplus} bytes follow the last record; ignored.`);
  }
  return { recordCount, truncated: undefined };
}
