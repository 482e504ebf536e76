/**
 * @file What a caller gives to the EDF writer, and its checked, byte-exact plan: field texts,
 *   record size and which annotations go into which record.
 */

import { expected, ShapeError } from "../../../errors.ts";
import type { EdfFormat } from "./header.ts";
import {
  formatPatient,
  formatRecording,
  type PatientFields,
  type RecordingFields,
} from "./identification.ts";
import { type Calibration, digitalRange, type SampleBytes } from "./samples.ts";
import { encodeTal } from "./tal.ts";

/** One signal to write. */
export interface SignalToWrite extends Calibration {
  readonly label: string;
  readonly transducer?: string;
  readonly unit: string;
  readonly prefilter?: string;
  readonly samplesPerRecord: number;
  /**
   * Stored integers, or physical values to be rounded to the nearest step; [records ×
   * samplesPerRecord].
   */
  readonly samples: { readonly digital: Int32Array } | { readonly physical: Float64Array };
}

export interface AnnotationToWrite {
  /** Seconds from the first sample. */
  readonly onset: number;
  readonly duration?: number | undefined;
  readonly texts: readonly string[];
}

/** A recording to write as EDF or BDF. */
export interface RecordingToWrite {
  readonly format: EdfFormat;
  /** EDF+ subfields, or the text of the whole field. */
  readonly patient?: PatientFields | string;
  /** EDF+ subfields (the start date is filled in), or the text of the whole field. */
  readonly recording?: Omit<RecordingFields, "startDate"> | string;
  /**
   * The first sample's moment: ISO without zone, 1985 to 2084; a fraction of a second needs a "+"
   * format.
   */
  readonly startTime: string;
  /** Seconds; rounded to eight characters. */
  readonly recordDuration: number;
  readonly signals: readonly SignalToWrite[];
  /** Need a "+" format. */
  readonly annotations?: readonly AnnotationToWrite[];
  /**
   * When each record starts, seconds from the first sample; only for EDF+D and BDF+D. Default: one
   * after the other.
   */
  readonly recordOnsets?: readonly number[];
}

/** A checked recording, ready to be turned into bytes. */
export interface WritePlan {
  readonly sampleBytes: SampleBytes;
  readonly records: number;
  readonly recordBytes: number;
  readonly fixedFields: readonly (readonly [text: string, width: number])[];
  /** Columns of the signal headers, in file order. */
  readonly columns: readonly (readonly [texts: readonly string[], width: number])[];
  readonly signals: readonly SignalToWrite[];
  /** TALs of each record, empty when the format has none. */
  readonly tals: readonly (readonly Uint8Array[])[];
  /** Samples of the annotations signal in each record; 0 when there is none. */
  readonly annotationSamples: number;
}

/** Characters that structure an annotation list. */
const RESERVED_BYTES = ["\0", "\x14", "\x15"];

/** Records of a file without signals. */
const RECORDS_OF_ANNOTATION_FILE = 1;

/**
 * The closest number to `value` that eight characters can write, without exponent.
 *
 * @throws {ConcordError} when its whole part needs more than eight.
 */
export function formatNumber(name: string, value: number): string {
  if (!Number.isFinite(value)) throw expected(name, "a finite number", value);
  for (let decimals = 7; decimals >= 0; decimals--) {
    const fixed = value.toFixed(decimals);
    const text = decimals === 0 ? fixed : fixed.replace(/\.?0+$/, "");
    if (text.length <= 8) return text === "-0" ? "0" : text;
  }
  throw expected(name, "a number of at most eight characters (choose another unit)", value);
}

/** Checks a recording and lays it out. */
export function planWrite(recording: RecordingToWrite): WritePlan {
  const sampleBytes: SampleBytes = recording.format.startsWith("BDF") ? 3 : 2;
  const plus = recording.format.includes("+");
  const moment = parseMoment(recording.startTime);
  const signals = recording.signals.map((s, i) => checkSignal(s, i, sampleBytes));
  const records = countRecords(signals);
  const tals = plus ? layTals(recording, records, moment.fraction) : [];
  if (!plus && (recording.annotations?.length || moment.fraction > 0)) {
    throw expected(
      "format",
      "EDF+C, EDF+D, BDF+C or BDF+D for annotations or fractions",
      recording.format,
    );
  }
  const talBytes = Math.max(0, ...tals.map((list) => list.reduce((sum, t) => sum + t.length, 0)));
  const annotationSamples = Math.ceil(talBytes / sampleBytes);
  const samples = signals.reduce((sum, s) => sum + s.samplesPerRecord, annotationSamples);
  const headers = [
    ...signals,
    ...(plus ? [annotationsSignal(sampleBytes, annotationSamples)] : []),
  ];
  const duration = formatNumber("recordDuration", recording.recordDuration);
  if (Number(duration) < 0 || (Number(duration) === 0 && signals.length > 0)) {
    throw expected("recordDuration", "seconds above 0", recording.recordDuration);
  }
  const numbers = (key: keyof Calibration) => headers.map((s) => formatNumber(key, s[key]));
  return {
    sampleBytes,
    records,
    recordBytes: samples * sampleBytes,
    signals,
    tals,
    annotationSamples,
    fixedFields: [
      [sampleBytes === 2 ? "0" : "\xffBIOSEMI", 8],
      [patientText(recording.patient, plus), 80],
      [recordingText(recording.recording, plus, moment.isoDate), 80],
      [moment.date, 8],
      [moment.time, 8],
      [String(256 * (headers.length + 1)), 8],
      [plus ? recording.format : sampleBytes === 3 ? "24BIT" : "", 44],
      [String(records), 8],
      [duration, 8],
      [String(headers.length), 4],
    ],
    columns: [
      [headers.map((s) => s.label), 16],
      [headers.map((s) => s.transducer ?? ""), 80],
      [headers.map((s) => s.unit), 8],
      [numbers("physMin"), 8],
      [numbers("physMax"), 8],
      [numbers("digMin"), 8],
      [numbers("digMax"), 8],
      [headers.map((s) => s.prefilter ?? ""), 80],
      [headers.map((s) => String(s.samplesPerRecord)), 8],
      [headers.map(() => ""), 32],
    ],
  };
}

/**
 * The calibration as a reader of the file will see it: each number rounded to its eight characters.
 */
function checkSignal(
  signal: SignalToWrite,
  index: number,
  sampleBytes: SampleBytes,
): SignalToWrite {
  const name = `signals[${index}]`;
  const [low, high] = digitalRange(sampleBytes);
  const { digMin, digMax, samplesPerRecord } = signal;
  if (!Number.isInteger(digMin) || !Number.isInteger(digMax) || digMin >= digMax) {
    throw expected(`${name}.digMin`, "an integer below digMax", digMin);
  }
  if (digMin < low || digMax > high) {
    throw expected(`${name}.digMin, digMax`, `from ${low} to ${high}`, `${digMin}, ${digMax}`);
  }
  const physMin = Number(formatNumber(`${name}.physMin`, signal.physMin));
  const physMax = Number(formatNumber(`${name}.physMax`, signal.physMax));
  if (physMin === physMax) {
    throw expected(
      `${name}.physMin`,
      "different from physMax in eight characters (choose a smaller unit)",
      signal.physMin,
    );
  }
  if (
    !Number.isInteger(samplesPerRecord) ||
    samplesPerRecord < 0 ||
    samplesPerRecord > 99_999_999
  ) {
    throw expected(`${name}.samplesPerRecord`, "an integer from 0 to 99999999", samplesPerRecord);
  }
  if (/^[EB]DF Annotations$/.test(signal.label)) {
    throw expected(`${name}.label`, "another label (annotations are given apart)", signal.label);
  }
  return { ...signal, physMin, physMax };
}

function countRecords(signals: readonly SignalToWrite[]): number {
  let records: number | undefined;
  for (const [i, signal] of signals.entries()) {
    const { samples } = signal;
    const { length } = "digital" in samples ? samples.digital : samples.physical;
    if (signal.samplesPerRecord === 0 && length === 0) continue;
    records ??= Math.floor(length / signal.samplesPerRecord);
    if (length !== records * signal.samplesPerRecord) {
      throw new ShapeError(
        "writeEdf",
        `signals[${i}] of ${records} records × ${signal.samplesPerRecord} samples`,
        `${length} samples`,
      );
    }
  }
  return records ?? RECORDS_OF_ANNOTATION_FILE;
}

function annotationsSignal(sampleBytes: SampleBytes, samplesPerRecord: number): SignalToWrite {
  const [digMin, digMax] = digitalRange(sampleBytes);
  return {
    label: sampleBytes === 2 ? "EDF Annotations" : "BDF Annotations",
    unit: "",
    physMin: -1,
    physMax: 1,
    digMin,
    digMax,
    samplesPerRecord,
    samples: { digital: new Int32Array(0) },
  };
}

/** Each record gets its time-keeping TAL and the annotations that begin in it. */
function layTals(recording: RecordingToWrite, records: number, fraction: number): Uint8Array[][] {
  const { recordDuration } = recording;
  const onsets =
    recording.recordOnsets ?? Array.from({ length: records }, (_, r) => r * recordDuration);
  if (onsets.length !== records) {
    throw new ShapeError("writeEdf", `${records} recordOnsets`, `${onsets.length}`);
  }
  if (recording.recordOnsets !== undefined && !recording.format.endsWith("D")) {
    throw expected("format", "EDF+D or BDF+D when recordOnsets are given", recording.format);
  }
  for (let r = 0; r < records; r++) {
    const due = r === 0 ? 0 : onsets[r - 1]!;
    if (!(onsets[r]! >= due && onsets[r]! < 1e9) || (r === 0 && onsets[r] !== 0)) {
      throw expected(`recordOnsets[${r}]`, "seconds in ascending order, the first 0", onsets[r]);
    }
  }
  const tals = onsets.map((onset) => [encodeTal(onset + fraction, undefined, [""])]);
  for (const [i, annotation] of (recording.annotations ?? []).entries()) {
    const { onset, duration, texts } = annotation;
    if (
      !(Math.abs(onset) < 1e9) ||
      (duration !== undefined && !(duration >= 0 && duration < 1e9))
    ) {
      throw expected(`annotations[${i}]`, "seconds below 1e9, no negative duration", annotation);
    }
    if (
      texts.length === 0 ||
      texts.some((t) => t === "" || RESERVED_BYTES.some((c) => t.includes(c)))
    ) {
      throw expected(
        `annotations[${i}].texts`,
        "texts without bytes 0, 20 and 21, none empty",
        texts,
      );
    }
    if (records === 0) throw expected("annotations", "none in a file without records", texts);
    let r = onsets.findLastIndex((start) => start <= onset);
    if (r < 0) r = 0;
    tals[r]!.push(encodeTal(onset + fraction, duration, texts));
  }
  return tals;
}

function patientText(patient: PatientFields | string | undefined, plus: boolean): string {
  if (typeof patient === "string") return patient;
  return patient === undefined && !plus ? "" : formatPatient(patient ?? {});
}

function recordingText(
  recording: RecordingToWrite["recording"],
  plus: boolean,
  isoDate: string,
): string {
  if (typeof recording === "string") return recording;
  if (recording === undefined && !plus) return "";
  return formatRecording({ ...recording, startDate: isoDate });
}

function parseMoment(startTime: string) {
  const match = /^((\d{4})-(\d\d)-(\d\d))T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?$/.exec(startTime);
  const year = Number(match?.[2]);
  const whole = startTime.slice(0, 19);
  const isReal = !Number.isNaN(Date.parse(`${whole}Z`));
  if (!match || !isReal || new Date(`${whole}Z`).toISOString().slice(0, 19) !== whole) {
    throw expected("startTime", "an ISO date and time without zone", startTime);
  }
  if (year < 1985 || year > 2084)
    throw expected("startTime", "a year from 1985 to 2084", startTime);
  return {
    isoDate: match[1]!,
    date: `${match[4]}.${match[3]}.${match[2]!.slice(2)}`,
    time: `${match[5]}.${match[6]}.${match[7]}`,
    fraction: match[8] === undefined ? 0 : Number(match[8]),
  };
}
