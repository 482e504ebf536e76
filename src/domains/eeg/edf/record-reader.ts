/**
 * @file Data records as bytes, read about a mebibyte at a time whatever the size of the file and of
 *   its records.
 */

import type { ByteReader } from "./byte-reader.ts";
import type { EdfHeader, EdfSignal } from "./header.ts";

/** Consecutive records: record r of the part starts at byte r · stride. */
export interface RecordPart {
  /** Valid until the next part is asked for. */
  readonly bytes: Uint8Array;
  readonly firstRecord: number;
  readonly records: number;
  readonly stride: number;
}

/** Consecutive samples of one signal: sample `start` begins at byte `at` of `bytes`. */
export interface SampleRun {
  /** Valid until the next run is asked for. */
  readonly bytes: Uint8Array;
  readonly at: number;
  /** In stored order. */
  readonly start: number;
  readonly count: number;
}

const BATCH_BYTES = 2 ** 20;
/**
 * From this size of a record on, reading one signal's bytes alone is cheaper than reading whole
 * records.
 */
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
      yield { bytes, firstRecord: r, records, stride };
    }
  }

  /** True when a record is so large that its signals are better read one after the other. */
  get hasLargeRecords(): boolean {
    return this.#header.recordBytes > BATCH_BYTES;
  }

  /** The bytes of one signal in record `record`, at most `most` of them. */
  async signalBytes(signal: EdfSignal, record: number, most: number): Promise<Uint8Array> {
    const length = Math.min(most, signal.samplesPerRecord * this.#header.sampleBytes);
    const bytes = new Uint8Array(length);
    await this.#reader.read(this.#placeOf(signal, record), bytes);
    return bytes;
  }

  /** Samples [start, start + count) of one signal, which the caller has checked to be there. */
  async *runs(signal: EdfSignal, start: number, count: number): AsyncGenerator<SampleRun> {
    const { recordBytes, sampleBytes } = this.#header;
    const n = signal.samplesPerRecord;
    const length = n * sampleBytes;
    if (count === 0) return;
    const end = start + count;
    const [first, last] = [Math.floor(start / n), Math.ceil(end / n)];
    const wholeRecords =
      !this.hasLargeRecords && (recordBytes < SLICE_RECORD_BYTES || length * 2 > recordBytes);
    if (wholeRecords) {
      for await (const part of this.batches(this.comfortableBatch, first, last - first)) {
        for (let r = 0; r < part.records; r++) {
          const recordStart = (part.firstRecord + r) * n;
          const from = Math.max(start, recordStart);
          const at = r * part.stride + signal.byteOffset + (from - recordStart) * sampleBytes;
          const to = Math.min(end, recordStart + n);
          yield { bytes: part.bytes, at, start: from, count: to - from };
        }
      }
      return;
    }
    const most = Math.floor(BATCH_BYTES / sampleBytes);
    const buffer = new Uint8Array(Math.min(most, n, count) * sampleBytes);
    for (let from = start; from < end; ) {
      const record = Math.floor(from / n);
      const inRecord = from - record * n;
      const run = Math.min(most, n - inRecord, end - from);
      const bytes = buffer.subarray(0, run * sampleBytes);
      await this.#reader.read(this.#placeOf(signal, record) + inRecord * sampleBytes, bytes);
      yield { bytes, at: 0, start: from, count: run };
      from += run;
    }
  }

  #placeOf(signal: EdfSignal, record: number): number {
    const { headerBytes, recordBytes } = this.#header;
    return headerBytes + record * recordBytes + signal.byteOffset;
  }
}
