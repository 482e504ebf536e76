/**
 * @file Opening an EDF file: reads and checks the header, counts the records that are there, and
 *   finds the first sample's moment.
 */

import { type ByteReader, memoryByteReader, openByteReader } from "./byte-reader.ts";
import { EdfFile, type EdfOptions, type EdfSize } from "./edf-file.ts";
import {
  type EdfHeader,
  HEADER_BLOCK,
  headerLength,
  parseHeader,
  signalFieldOffset,
} from "./header.ts";
import { Complaints } from "./header-fields.ts";
import { RecordReader } from "./record-reader.ts";
import { readFirstOnset } from "./texts.ts";

/**
 * Opens an EDF, EDF+, BDF or BDF+ file and reads its header.
 *
 * The number of records is that of the whole records that the file holds, whatever its header says.
 * A recorder that was not stopped leaves 0 or −1 there. Where the two differ there is a warning, or
 * an error when strict. `truncated` is set when records are missing or the last one is cut.
 *
 * @throws {FormatError} naming file, field and byte offset; {ConcordError} `file/missing`,
 *   `file/io` or `format/too-large`.
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
    const firstOnset = await readFirstOnset(records, header, size.recordCount, complaints);
    return new EdfFile(reader, header, size, firstOnset, complaints, options);
  } catch (error) {
    await reader.close();
    throw error;
  }
}

function isEdf(fixed: Uint8Array): boolean {
  return fixed[0] === 0xff || fixed[0] === 0x30;
}

/** How many records the file holds: its length decides, not its header. */
function measure(header: EdfHeader, fileBytes: number, complaints: Complaints): EdfSize {
  const { declaredRecords: declared, recordBytes } = header;
  const data = fileBytes - header.headerBytes;
  // Records without a single byte: nothing can be counted, and nothing read.
  if (recordBytes === 0) {
    return { recordCount: Math.max(0, declared), extraBytes: 0, truncated: undefined };
  }
  const recordCount = Math.floor(data / recordBytes);
  const extraBytes = data - recordCount * recordBytes;
  const size = { recordCount, extraBytes };
  if (declared === recordCount) {
    if (extraBytes > 0) {
      const message = `${extraBytes} bytes follow the last whole record; ignored.`;
      complaints.warn("data records", fileBytes - extraBytes, message);
    }
    return { ...size, truncated: undefined };
  }
  const records = (n: number) => (n === 1 ? "1 record" : `${n} records`);
  const says =
    declared < 0
      ? "does not say how many records there are (−1)"
      : `promises ${records(declared)} of ${recordBytes} bytes`;
  const more = extraBytes > 0 ? ` and ${extraBytes} bytes more` : "";
  const why =
    declared < recordCount && declared <= 0 ? " The recorder was probably not stopped." : "";
  complaints.warn(
    "number of data records",
    236,
    `the header ${says} but the file holds ${recordCount}${more}.${why}`,
  );
  if (recordCount === 0 && data > 0) complainOfLength(header, data, complaints);
  const isCut = declared > recordCount || extraBytes > 0;
  const truncated = { declaredRecords: declared, wholeRecords: recordCount, extraBytes };
  return { ...size, truncated: isCut ? truncated : undefined };
}

/** Says which number of the header makes a record longer than all the data that the file has. */
function complainOfLength(header: EdfHeader, data: number, complaints: Complaints): void {
  const { signals, recordBytes } = header;
  const counts = signals.map((s) => s.samplesPerRecord);
  const most = counts.indexOf(Math.max(...counts));
  complaints.warn(
    `signal ${most + 1} of ${signals.length}: samples in each data record`,
    signalFieldOffset(signals.length, 216, most),
    `a data record takes ${recordBytes} bytes, but only ${data} follow the header.`,
  );
}
