/**
 * @file Reading EDF and BDF files. The header is read at once, everything else record by record
 *   through an asynchronous reader. So memory stays the same for a file of any size.
 */

import { ConcordError, expected, FormatError } from "../../../errors.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { EdfFormat, EdfHeader, EdfSignal, HeaderOptions } from "./header.ts";
import type { Complaints, EdfWarning } from "./header-fields.ts";
import { RecordReader } from "./record-reader.ts";
import { decodeDigital, decodePhysical } from "./samples.ts";
import { addFraction } from "./start-time.ts";
import { type EdfAnnotation, type RecordTexts, scanTexts } from "./texts.ts";
import { type EdfGap, type EdfSegment, gapsOf, sampleTime } from "./timeline.ts";

/** How an EDF or BDF file is read, and how forgivingly. */
export interface EdfOptions extends HeaderOptions {
  /**
   * Throw at the first departure from the specification instead of warning and reading on. Default
   * false.
   */
  readonly strict?: boolean;
  /**
   * Split annotations at a text that looks like an onset (a missing NUL); default false, the
   * literal reading.
   */
  readonly repairAnnotations?: boolean;
  /**
   * Most samples that one {@link EdfFile.readSignal} may return; default 2^27 (1 GiB of float64).
   */
  readonly maxSamples?: number;
}

/**
 * What is missing at the end of a file that is shorter than its header says, or whose last record
 * is cut.
 */
export interface EdfTruncation {
  readonly declaredRecords: number;
  readonly wholeRecords: number;
  /** Bytes after the last whole record, which are not read. */
  readonly extraBytes: number;
}

/** Some consecutive records, decoded. */
export interface EdfBatch {
  readonly firstRecord: number;
  readonly records: number;
  /** Physical values per asked-for signal, each [records × samplesPerRecord]. */
  readonly signals: readonly Float64Array<ArrayBuffer>[];
}

/** Some consecutive samples of one signal, decoded. */
export interface SignalPart {
  /** Into {@link EdfFile.signals}. */
  readonly index: number;
  /** In stored order. */
  readonly startSample: number;
  readonly values: Float64Array<ArrayBuffer>;
}

/** A part of one signal, in stored order. */
export interface SampleRange {
  /** Default 0. */
  readonly startSample?: number;
  /** Default: to the end. */
  readonly count?: number;
}

/** How many records can be read. */
export interface EdfSize {
  readonly recordCount: number;
  /** Bytes after the last whole record. */
  readonly extraBytes: number;
  readonly truncated: EdfTruncation | undefined;
}

const DEFAULT_MAX_SAMPLES = 2 ** 27;
const PART_BYTES = 2 ** 20;

/**
 * An open file. Times are seconds from its first sample; signals are counted without the
 * annotations signals.
 */
export class EdfFile {
  readonly name: string;
  readonly bytes: number;
  readonly header: EdfHeader;
  /** The signals that carry samples, in file order. */
  readonly signals: readonly EdfSignal[];
  /**
   * Whole records that the file holds; its header may promise another number
   * (`header.declaredRecords`).
   */
  readonly recordCount: number;
  /** Seconds. */
  readonly recordDuration: number;
  /**
   * The moment of the first sample, ISO without zone: the header's start time and the fraction of a
   * second of the first time-keeping annotation. Undefined when the header holds no date.
   */
  readonly startTime: string | undefined;
  readonly truncated: EdfTruncation | undefined;
  /** Bytes after the last whole record: a record that was cut, of which no samples are read. */
  readonly extraByteCount: number;
  readonly #reader: ByteReader;
  readonly #records: RecordReader;
  readonly #complaints: Complaints;
  readonly #options: EdfOptions;
  readonly #firstOnset: number;
  #texts: Promise<RecordTexts> | undefined;

  /** Use {@link openEdf}. */
  constructor(
    reader: ByteReader,
    header: EdfHeader,
    size: EdfSize,
    firstOnset: number,
    complaints: Complaints,
    options: EdfOptions,
  ) {
    this.#reader = reader;
    this.#complaints = complaints;
    this.#options = options;
    this.#firstOnset = firstOnset;
    this.name = reader.name;
    this.bytes = reader.size;
    this.header = header;
    this.signals = header.signals.filter((s) => !s.isAnnotations);
    this.recordCount = size.recordCount;
    this.extraByteCount = size.extraBytes;
    this.recordDuration = header.recordDuration;
    this.truncated = size.truncated;
    this.startTime = addFraction(header.startTime, firstOnset);
    this.#records = new RecordReader(reader, header, size.recordCount);
  }

  get format(): EdfFormat {
    return this.header.format;
  }

  /**
   * Departures from the specification found so far; scanning for annotations or gaps can add some.
   */
  get warnings(): readonly EdfWarning[] {
    return this.#complaints.warnings;
  }

  /** Seconds of signal, gaps not counted. */
  get duration(): number {
    return this.recordCount * this.recordDuration;
  }

  /** Number of samples of signal `index`. */
  sampleCount(index: number): number {
    return this.recordCount * this.#signal(index).samplesPerRecord;
  }

  /** The stretches without interruption. Reads the whole file once when it is EDF+ or BDF+. */
  async segments(): Promise<readonly EdfSegment[]> {
    return (await this.#scan()).segments;
  }

  /**
   * When nothing was recorded between the first and the last sample. Reads the whole file once when
   * it is EDF+ or BDF+.
   */
  async gaps(): Promise<EdfGap[]> {
    return gapsOf(await this.segments());
  }

  /**
   * All annotations, in file order. Reads the whole file once when it has an annotations signal.
   */
  async annotations(): Promise<readonly EdfAnnotation[]> {
    return (await this.#scan()).annotations;
  }

  /**
   * When sample `sample` of signal `index` was recorded: seconds from the first sample, gaps
   * included.
   */
  async sampleTime(index: number, sample: number): Promise<number> {
    return sampleTime(await this.segments(), this.#signal(index).samplesPerRecord, sample);
  }

  /**
   * Physical values of one signal.
   *
   * Samples are counted as stored: across a gap, the sample after it follows the one before
   * ({@link segments} says where).
   *
   * @param index Into {@link signals}.
   * @throws {ConcordError} when the range reaches outside the signal or above `maxSamples`, or the
   *   signal has no calibration.
   */
  async readSignal(index: number, range: SampleRange = {}): Promise<Float64Array<ArrayBuffer>> {
    const signal = this.#calibrated(index);
    const out = new Float64Array(this.#checkRange(index, range));
    const first = range.startSample ?? 0;
    const { sampleBytes } = this.header;
    for await (const { bytes, at, start, count } of this.#records.runs(signal, first, out.length))
      decodePhysical(bytes, at, sampleBytes, signal, out, start - first, count);
    return out;
  }

  /**
   * The stored integers of one signal; otherwise like {@link readSignal}, and needs no calibration.
   */
  async readDigital(index: number, range: SampleRange = {}): Promise<Int32Array<ArrayBuffer>> {
    const signal = this.#signal(index);
    const out = new Int32Array(this.#checkRange(index, range));
    const first = range.startSample ?? 0;
    const { sampleBytes } = this.header;
    for await (const { bytes, at, start, count } of this.#records.runs(signal, first, out.length))
      decodeDigital(bytes, at, sampleBytes, out, start - first, count);
    return out;
  }

  /**
   * All records in order, decoded to physical values, `batch` at a time.
   *
   * @param batch   Records per step; default: as many as fit into 1 MiB of file.
   * @param indices Into {@link signals}; default all.
   */
  async *records(
    batch = this.#records.comfortableBatch,
    indices: readonly number[] = this.signals.map((_, i) => i),
  ): AsyncGenerator<EdfBatch> {
    if (!Number.isInteger(batch) || batch < 1) throw expected("batch", "an integer ≥ 1", batch);
    const signals = indices.map((i) => this.#calibrated(i));
    const { sampleBytes, recordBytes } = this.header;
    const wanted = signals.reduce((sum, s) => sum + s.samplesPerRecord, 0);
    if (wanted * Math.min(batch, this.recordCount) > this.#maxSamples) {
      throw this.#tooLarge(wanted * batch, "Use a smaller batch.");
    }
    for await (const part of this.#records.batches(batch)) {
      yield {
        firstRecord: part.firstRecord,
        records: part.records,
        signals: signals.map((signal) => {
          const n = signal.samplesPerRecord;
          const out = new Float64Array(part.records * n);
          for (let r = 0; r < part.records; r++) {
            const at = r * recordBytes + signal.byteOffset;
            decodePhysical(part.bytes, at, sampleBytes, signal, out, r * n, n);
          }
          return out;
        }),
      };
    }
  }

  /**
   * All samples of some signals, decoded to physical values, in parts of about a mebibyte of file.
   * Records come together where they are small, signal after signal where a single record is larger
   * than that. Each signal's parts come in stored order.
   *
   * @param indices Into {@link signals}; default all.
   */
  async *parts(
    indices: readonly number[] = this.signals.map((_, i) => i),
  ): AsyncGenerator<SignalPart> {
    if (this.#records.hasLargeRecords) {
      for (const index of indices) {
        const signal = this.#calibrated(index);
        const { sampleBytes } = this.header;
        const all = this.sampleCount(index);
        for await (const { bytes, at, start, count } of this.#records.runs(signal, 0, all)) {
          const values = new Float64Array(count);
          decodePhysical(bytes, at, sampleBytes, signal, values, 0, count);
          yield { index, startSample: start, values };
        }
      }
      return;
    }
    for await (const { firstRecord, signals } of this.records(undefined, indices)) {
      for (const [k, values] of signals.entries()) {
        const index = indices[k]!;
        const startSample = firstRecord * this.signals[index]!.samplesPerRecord;
        yield { index, startSample, values };
      }
    }
  }

  /** The header as it is stored. */
  async headerBytes(): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(this.header.headerBytes);
    await this.#reader.read(0, bytes);
    return bytes;
  }

  /** The bytes after the last whole record, in parts. */
  async *extraBytes(): AsyncGenerator<Uint8Array> {
    const from = this.header.headerBytes + this.recordCount * this.header.recordBytes;
    for (let at = 0; at < this.extraByteCount; at += PART_BYTES) {
      const bytes = new Uint8Array(Math.min(PART_BYTES, this.extraByteCount - at));
      await this.#reader.read(from + at, bytes);
      yield bytes;
    }
  }

  /**
   * All records in order as they are stored, about a mebibyte at a time; each part is valid until
   * the next is asked for.
   */
  async *recordBytes(): AsyncGenerator<{
    bytes: Uint8Array;
    firstRecord: number;
    records: number;
  }> {
    yield* this.#records.batches(this.#records.comfortableBatch);
  }

  /** Releases the file. Reading afterwards fails. */
  async close(): Promise<void> {
    await this.#reader.close();
  }

  get #maxSamples(): number {
    return this.#options.maxSamples ?? DEFAULT_MAX_SAMPLES;
  }

  #signal(index: number): EdfSignal {
    const signal = this.signals[index];
    if (signal === undefined) {
      throw expected("signal index", `an integer from 0 to ${this.signals.length - 1}`, index);
    }
    return signal;
  }

  #calibrated(index: number): EdfSignal {
    const signal = this.#signal(index);
    if (!signal.isCalibrated) {
      throw new FormatError(
        this.name,
        `signal ${index} ("${signal.label}") has no usable calibration: physical ${signal.physMin} to ${signal.physMax}, digital ${signal.digMin} to ${signal.digMax}.`,
        { hint: "Read it with readDigital." },
      );
    }
    return signal;
  }

  #checkRange(index: number, range: SampleRange): number {
    const total = this.sampleCount(index);
    const start = range.startSample ?? 0;
    const count = range.count ?? total - start;
    if (!Number.isInteger(start) || start < 0 || start > total) {
      throw expected("startSample", `an integer from 0 to ${total}`, start);
    }
    if (!Number.isInteger(count) || count < 0 || start + count > total) {
      throw expected("count", `an integer from 0 to ${total - start}`, count);
    }
    if (count > this.#maxSamples)
      throw this.#tooLarge(count, "Read it in parts, or use records().");
    return count;
  }

  #tooLarge(samples: number, hint: string): ConcordError {
    const message = `${this.name}: ${samples} samples at once are above the limit of ${this.#maxSamples}.`;
    return new ConcordError("format/too-large", message, { hint });
  }

  #scan(): Promise<RecordTexts> {
    this.#texts ??= scanTexts(
      this.#records,
      this.header,
      this.recordCount,
      this.#firstOnset,
      this.#complaints,
      this.#options.repairAnnotations ?? false,
    );
    return this.#texts;
  }
}
