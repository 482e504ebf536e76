/**
 * @file What the annotations signals of a whole file say: its annotations, and when each record
 *   started.
 */

import { ConcordError } from "../../../errors.ts";
import type { EdfHeader, EdfSignal } from "./header.ts";
import type { Complaints } from "./header-fields.ts";
import type { RecordReader } from "./record-reader.ts";
import { parseTals, type Tal } from "./tal.ts";
import { type EdfSegment, MAX_SEGMENTS, TimelineBuilder } from "./timeline.ts";

/** Something that happened during the recording. */
export interface EdfAnnotation {
  /** Seconds from the file's first sample. */
  readonly onset: number;
  /** Seconds; undefined when the file gives none. */
  readonly duration: number | undefined;
  readonly texts: readonly string[];
  /** The record in which it is stored, which need not be the one in which it happened. */
  readonly record: number;
}

export interface RecordTexts {
  readonly segments: readonly EdfSegment[];
  readonly annotations: readonly EdfAnnotation[];
}

/** Bounds on what one file can make us keep. */
const MAX_ANNOTATIONS = 1_000_000;
const MAX_TEXT_CHARACTERS = 2 ** 26;
/**
 * Bytes of an annotations signal in one record; the time-keeping annotation stands at their
 * beginning.
 */
const MAX_TEXT_BYTES = 2 ** 26;
const MAX_FIRST_BYTES = 2 ** 16;

/**
 * Start of the first record in seconds from the header's start time: the fraction of a second that
 * the header cannot say.
 *
 * @returns 0 for plain EDF, for a file without records and where the first record does not say.
 */
export async function readFirstOnset(
  records: RecordReader,
  header: EdfHeader,
  recordCount: number,
  complaints: Complaints,
): Promise<number> {
  const signal = header.signals.find((s) => s.isAnnotations);
  if (signal === undefined || !header.format.includes("+")) return 0;
  if (recordCount === 0) return 0;
  const { tals } = parseTals(await records.signalBytes(signal, 0, MAX_FIRST_BYTES));
  const onset = timekeeping(tals);
  // Ten thousand years: beyond it the number is damage, and dates no longer work.
  if (onset === undefined || Math.abs(onset) >= 3.2e11) return 0;
  if (onset < 0 || onset >= 1) {
    const at = header.headerBytes + signal.byteOffset;
    complaints.warn("first record", at, `starts ${onset} s after the header's start time.`);
  }
  return onset;
}

function timekeeping(tals: readonly Tal[]): number | undefined {
  return tals[0]?.timekeeping ? tals[0].onset : undefined;
}

/** Reads all annotations signals once. */
export async function scanTexts(
  records: RecordReader,
  header: EdfHeader,
  recordCount: number,
  firstOnset: number,
  complaints: Complaints,
  repair: boolean,
): Promise<RecordTexts> {
  const texts = header.signals.filter((s) => s.isAnnotations);
  const { recordDuration: duration } = header;
  // Without samples that are at any time, the records simply follow each other.
  const samples = Math.max(0, ...header.signals.map((s) => s.samplesPerRecord * +!s.isAnnotations));
  const keepsTime = header.format.includes("+") && samples > 0 && duration > 0;
  const whole = { firstRecord: 0, records: recordCount, start: 0, end: recordCount * duration };
  const contiguous = recordCount === 0 ? [] : [whole];
  if (texts.length === 0 || header.recordBytes === 0) {
    return { segments: contiguous, annotations: [] };
  }
  const timeline = new TimelineBuilder(
    duration,
    Math.max(1e-6, duration / Math.max(1, samples) / 2),
  );
  const annotations: EdfAnnotation[] = [];
  let characters = 0;
  const relative = (onset: number) =>
    firstOnset === 0 ? onset : Math.round((onset - firstOnset) * 1e9) / 1e9;

  for (const { label, samplesPerRecord } of texts) {
    const bytes = samplesPerRecord * header.sampleBytes;
    if (bytes > MAX_TEXT_BYTES)
      throw tooMany(complaints.file, `${MAX_TEXT_BYTES} bytes of "${label}" in a data record`);
  }
  for await (const { record, bytes: ofSignals } of textsOf(records, header, texts, recordCount)) {
    for (const [t, signal] of texts.entries()) {
      const bytes = ofSignals[t]!;
      const { tals, problems } = parseTals(bytes, repair);
      const place = header.headerBytes + record * header.recordBytes + signal.byteOffset;
      for (const problem of problems) {
        complaints.warn(
          `annotations of record ${record}`,
          place + problem.at,
          problem.message,
          true,
        );
      }
      if (t === 0 && keepsTime) {
        const onset = timekeeping(tals);
        if (onset === undefined) {
          const message = "has no time-keeping annotation; taken to follow the one before.";
          complaints.warn(`record ${record}`, place, message);
        }
        const step = timeline.add(onset === undefined ? undefined : relative(onset));
        noteStep(step, record, place, header, complaints);
        if (timeline.segments.length > MAX_SEGMENTS) {
          throw tooMany(complaints.file, `${MAX_SEGMENTS} interruptions`);
        }
      }
      for (const tal of tals) {
        if (tal.texts.length === 0) continue;
        const { duration, texts } = tal;
        annotations.push({ onset: relative(tal.onset), duration, texts, record });
        for (const text of texts) characters += text.length;
      }
      if (annotations.length > MAX_ANNOTATIONS || characters > MAX_TEXT_CHARACTERS) {
        throw tooMany(
          complaints.file,
          `${MAX_ANNOTATIONS} annotations or ${MAX_TEXT_CHARACTERS} characters of text`,
        );
      }
    }
  }
  return { segments: keepsTime ? timeline.segments : contiguous, annotations };
}

/**
 * The bytes of the annotations signals, record by record; valid until the next record is asked for.
 */
async function* textsOf(
  records: RecordReader,
  header: EdfHeader,
  texts: readonly EdfSignal[],
  recordCount: number,
): AsyncGenerator<{ record: number; bytes: Uint8Array[] }> {
  if (records.hasLargeRecords) {
    for (let record = 0; record < recordCount; record++) {
      const bytes: Uint8Array[] = [];
      for (const signal of texts)
        bytes.push(await records.signalBytes(signal, record, MAX_TEXT_BYTES));
      yield { record, bytes };
    }
    return;
  }
  for await (const part of records.batches(records.comfortableBatch)) {
    for (let r = 0; r < part.records; r++) {
      const bytes = texts.map(({ byteOffset, samplesPerRecord }) => {
        const at = r * part.stride + byteOffset;
        return part.bytes.subarray(at, at + samplesPerRecord * header.sampleBytes);
      });
      yield { record: part.firstRecord + r, bytes };
    }
  }
}

function noteStep(
  step: "gap" | "overlap" | undefined,
  record: number,
  place: number,
  header: EdfHeader,
  complaints: Complaints,
): void {
  if (step === "overlap") {
    complaints.warn(`record ${record}`, place, "starts before the one before it ends.");
  } else if (step === "gap" && header.format.endsWith("C")) {
    const message = `comes after a gap, although the file is marked ${header.format}.`;
    complaints.warn(`record ${record}`, place, message);
  }
}

function tooMany(file: string, what: string): ConcordError {
  return new ConcordError("format/too-large", `${file}: more than ${what}.`, {
    hint: "The annotations signal is probably damaged.",
  });
}
