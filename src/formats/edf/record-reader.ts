/**
 * @file Data records as bytes, read in batches of about a mebibyte whatever the file's size.
 */

import type { ByteReader } from "./byte-reader.ts";
import type { EdfHeader, EdfSignal } from "./header.ts";

/** Consecutive records: record r of the part starts at byte r · stride, the signal asked for `offset` bytes later. */
export interface RecordPart {
  /** Valid until the next part is asked for. */
  readonly bytes: Uint8Array;
  readonly firstRecord: number;
  readonly records: number;
  readonly stride: number;
  readonly offset: number;
}

const BATCH_BYTES = 2 ** 20;
/** From this record size on, reading only one signal's bytes of each record is cheaper than reading the whole. */
const SLICE_RECORD_BYTES = 2 ** 14;

export class RecordReader {
  readonly #reader: ByteReader;
  readonly #header: EdfHeader;
  readonly #recordCount: number;

  constructor(reader: ByteReader, header: EdfHeader, recordCount: number) {
    this.#reader = reader;
    this.#header = header;
    // Records of no bytes have nothing to read, however many the header promises.
    this.#recordCount = header.recordBytes === 0 ? 0 : recordCount;
  }

  /** Records that fit into one batch of about a mebibyte. */
  get comfortableBatch(): number {
    return Math.max(1, Math.floor(BATCH_BYTES / Math.max(1, this.#header.recordBytes)));
  }

  /** Whole records from `first` on. */
  async *batches(
    batch: number,
    first = 0,
    count = this.#recordCount - first,
  ): AsyncGenerator<RecordPart> {
    const { recordBytes: stride, headerBytes } = this.#header;
    const end = Math.min(this.#recordCount, first + count);
    if (first >= end) return;
    const buffer = new Uint8Array(stride * Math.min(batch, end - first));
    for (let r = first; r < end; r += batch) {
      const records = Math.min(batch, end - r);
      const bytes = buffer.subarray(0, records * stride);
      await this.#reader.read(headerBytes + r * stride, bytes);
      yield { bytes, firstRecord: r, records, stride, offset: 0 };
    }
  }

  /** One signal's bytes of `count` records from `first` on. */
  async *slices(signal: EdfSignal, first: number, count: number): AsyncGenerator<RecordPart> {
    const { recordBytes, headerBytes, sampleBytes } = this.#header;
    const length = signal.samplesPerRecord * sampleBytes;
    if (recordBytes < SLICE_RECORD_BYTES || length * 2 > recordBytes) {
      for await (const part of this.batches(this.comfortableBatch, first, count)) {
        yield { ...part, offset: signal.byteOffset };
      }
      return;
    }
    const bytes = new Uint8Array(length);
    for (let r = first; r < Math.min(this.#recordCount, first + count); r++) {
      await this.#reader.read(headerBytes + r * recordBytes + signal.byteOffset, bytes);
      yield { bytes, firstRecord: r, records: 1, stride: length, offset: 0 };
    }
  }
}
