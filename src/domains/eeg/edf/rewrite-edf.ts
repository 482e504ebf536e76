/**
 * @file Copies of a file in which the samples of some signals are other ones: for exporting what
 *   was made of a recording. Everything else (header, calibration, annotations, gaps, the other
 *   signals) stays as it is stored, byte by byte.
 */

import { expected } from "../../../errors.ts";
import { writeFileAtomically } from "../../../formats/atomic-file.ts";
import type { EdfFile } from "./edf-file.ts";
import { type EdfSignal, HEADER_BLOCK } from "./header.ts";
import { encodeText } from "./header-fields.ts";
import { encodeSample, gainOf } from "./samples.ts";
import type { EdfWritten } from "./write-edf.ts";

export interface RewriteOptions {
  /** Which signals, into `file.signals`. */
  readonly indices: readonly number[];
  /**
   * Their new samples in physical units and stored order, part by part. Each part has as many
   * samples of one signal as its rate asks for. NaN leaves the stored number as it is.
   */
  readonly samples: AsyncIterable<readonly Float64Array[]>;
  /** What the header says of their prefiltering; cut to 80 characters. Default: what it said. */
  readonly prefilter?: (signal: EdfSignal) => string;
}

/** Bytes of a signal's fields in the header before its prefiltering, and the width of that. */
const BEFORE_PREFILTER = 16 + 80 + 8 + 4 * 8;
const PREFILTER_WIDTH = 80;

/**
 * Writes the copy, beside its place first: a failure leaves what was there before.
 *
 *   digital = round(digMin + (physical − physMin) / gain), clipped to [digMin, digMax]
 *
 * The number of records in the header becomes that of the records that are there. Bytes after the
 * last whole record, a record that was cut, are copied as they are.
 *
 * @throws {ConcordError} `argument/invalid` when there are fewer or more samples than the records
 *   hold, or a signal has no calibration; errors of reading and writing, and those thrown by
 *   `samples`.
 */
export async function rewriteEdf(
  file: EdfFile,
  path: string,
  options: RewriteOptions,
): Promise<EdfWritten> {
  const signals = options.indices.map((index) => {
    const signal = file.signals[index];
    if (!signal?.isCalibrated) throw expected("indices", "signals with a calibration", index);
    return signal;
  });
  const header = await file.headerBytes();
  writeText(header, 236, 8, String(file.recordCount));
  for (const signal of signals) {
    if (!options.prefilter) break;
    const { length } = file.header.signals;
    const place = PREFILTER_WIDTH * file.header.signals.indexOf(signal);
    const at = HEADER_BLOCK + BEFORE_PREFILTER * length + place;
    writeText(header, at, PREFILTER_WIDTH, options.prefilter(signal));
  }
  const { recordBytes, sampleBytes } = file.header;
  const source = new SampleQueue(options.samples, signals.length);
  let clipped = 0;
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield header;
    for await (const { bytes, records } of file.recordBytes()) {
      for (const [s, signal] of signals.entries()) {
        const { samplesPerRecord: n, byteOffset } = signal;
        const values = await source.take(s, n * records);
        for (let r = 0; r < records; r++) {
          const at = r * recordBytes + byteOffset;
          clipped += encode(values.subarray(r * n, (r + 1) * n), signal, bytes, at, sampleBytes);
        }
      }
      yield bytes;
    }
    await source.requireEnd();
    yield* file.extraBytes();
  }
  let bytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces()) {
      bytes += piece.length;
      yield piece;
    }
  }
  await writeFileAtomically(path, counted());
  return { bytes, records: file.recordCount, clipped };
}

function writeText(bytes: Uint8Array, at: number, width: number, text: string): void {
  bytes.set(encodeText(text, width, bytes.subarray(at, at + width)), at);
}

/** Writes the samples of one record at byte `at`; returns how many were clipped. */
function encode(
  values: Float64Array,
  signal: EdfSignal,
  bytes: Uint8Array,
  at: number,
  width: 2 | 3,
): number {
  const { physMin, digMin, digMax } = signal;
  const [low, high] = digMin < digMax ? [digMin, digMax] : [digMax, digMin];
  const gain = gainOf(signal);
  let clipped = 0;
  for (const [i, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    const digital = Math.round(digMin + (value - physMin) / gain);
    const kept = Math.min(high, Math.max(low, digital));
    if (kept !== digital) clipped++;
    encodeSample(bytes, at + i * width, width, kept);
  }
  return clipped;
}

/** Samples that come in parts of one size, and are taken in parts of another, signal by signal. */
class SampleQueue {
  readonly #parts: AsyncIterator<readonly Float64Array[]>;
  readonly #waiting: Float64Array[][];

  constructor(parts: AsyncIterable<readonly Float64Array[]>, signals: number) {
    this.#parts = parts[Symbol.asyncIterator]();
    this.#waiting = Array.from({ length: signals }, () => []);
  }

  /** The next `count` samples of signal `s`. */
  async take(s: number, count: number): Promise<Float64Array> {
    const out = new Float64Array(count);
    for (let done = 0; done < count; ) {
      const queue = this.#waiting[s]!;
      const first = queue[0];
      if (first === undefined) {
        if (await this.#more()) continue;
        throw expected("samples", `${count - done} more`, "the end of them");
      }
      const part = first.subarray(0, count - done);
      out.set(part, done);
      done += part.length;
      if (part.length === first.length) queue.shift();
      else queue[0] = first.subarray(part.length);
    }
    return out;
  }

  async requireEnd(): Promise<void> {
    const left = () => this.#waiting.some((queue) => queue.some((part) => part.length > 0));
    while (!left() && (await this.#more()));
    if (left()) throw expected("samples", "no more than the records hold", "more");
  }

  async #more(): Promise<boolean> {
    const { value, done } = await this.#parts.next();
    if (done === true) return false;
    for (const [s, queue] of this.#waiting.entries()) queue.push(value[s]!);
    return true;
  }
}
