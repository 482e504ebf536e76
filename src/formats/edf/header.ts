/**
 * @file The header of EDF (Kemp et al. 1992), EDF+ (Kemp and Olivan 2003) and their 24-bit forms BDF and BDF+: 256 bytes
 * about the recording and 256 bytes per signal, all ASCII.
 */

import { ConcordError } from "../../errors.ts";
import { type Complaints, FieldReader } from "./header-fields.ts";
import {
  type PatientFields,
  parsePatient,
  parseRecording,
  type RecordingFields,
} from "./identification.ts";
import { type Calibration, digitalRange, gainOf, type SampleBytes } from "./samples.ts";
import { parseStartTime } from "./start-time.ts";

/** EDF+C and BDF+C are continuous, EDF+D and BDF+D may be interrupted between records. */
export type EdfFormat = "EDF" | "EDF+C" | "EDF+D" | "BDF" | "BDF+C" | "BDF+D";

/** What the header says of one signal. */
export interface EdfSignal extends Calibration {
  readonly label: string;
  readonly transducer: string;
  /** Physical dimension as written: "uV", "degC" … */
  readonly unit: string;
  readonly prefilter: string;
  readonly reserved: string;
  readonly samplesPerRecord: number;
  /** Hz: samplesPerRecord / recordDuration; 0 when either is 0. */
  readonly rate: number;
  /** True when the "samples" are annotation text. */
  readonly isAnnotations: boolean;
  /** False when the calibration cannot be used (see `badCalibration`). */
  readonly isCalibrated: boolean;
  /** Where the signal starts inside a record. */
  readonly byteOffset: number;
}

export interface EdfHeader {
  readonly format: EdfFormat;
  readonly sampleBytes: SampleBytes;
  /** The identification fields as written, and their EDF+ subfields when they have them. */
  readonly patient: string;
  readonly patientFields: PatientFields | undefined;
  readonly recording: string;
  readonly recordingFields: RecordingFields | undefined;
  /** ISO date and time without zone (the format has none), whole seconds; undefined when the fields hold none. */
  readonly startTime: string | undefined;
  readonly headerBytes: number;
  readonly reserved: string;
  /** −1 when the writer did not know. */
  readonly declaredRecords: number;
  /** Seconds. */
  readonly recordDuration: number;
  readonly recordBytes: number;
  /** All signals in file order, annotations included. */
  readonly signals: readonly EdfSignal[];
}

export interface HeaderOptions {
  /**
   * A signal whose calibration has no range: "throw" (default) refuses the file, "keep" reads it with a warning, and only
   * reading that signal throws.
   */
  readonly badCalibration?: "throw" | "keep";
  /** Largest accepted record in bytes; default 64 MiB. The specification recommends at most 61,440. */
  readonly maxRecordBytes?: number;
}

/** Bytes of the fixed part, and of each signal's part. */
export const HEADER_BLOCK = 256;
const DEFAULT_MAX_RECORD_BYTES = 64 * 2 ** 20;

/** Reads the number of signals from the fixed 256 bytes: how long the whole header is. */
export function headerLength(fixed: Uint8Array, complaints: Complaints): number {
  const count = new FieldReader(fixed, complaints, 252).integer("number of signals", 4, 0, 9999);
  return HEADER_BLOCK * (count + 1);
}

/**
 * Parses a whole header.
 *
 * @param bytes      Exactly the header: {@link headerLength} bytes.
 * @param complaints Names the file; collects departures that can be read around.
 * @throws {FormatError} naming file, field and byte offset.
 */
export function parseHeader(
  bytes: Uint8Array,
  complaints: Complaints,
  options: HeaderOptions = {},
): EdfHeader {
  const sampleBytes = parseVersion(bytes, complaints);
  const reader = new FieldReader(bytes, complaints, 8);
  const patient = reader.text("patient identification", 80);
  const recording = reader.text("recording identification", 80);
  const date = reader.text("start date", 8);
  const time = reader.text("start time", 8);
  const headerBytes = reader.integer("header bytes", 8, HEADER_BLOCK, 99_999_999);
  if (headerBytes !== bytes.length) {
    throw complaints.error(
      "header bytes",
      184,
      `expected ${bytes.length} (256 for each of ${bytes.length / HEADER_BLOCK - 1} signals and 256 more) but found ${headerBytes}.`,
    );
  }
  const reserved = reader.text("reserved", 44);
  const declaredRecords = reader.integer("number of data records", 8, -1, 99_999_999);
  const recordDuration = reader.number("duration of a data record", 8);
  if (recordDuration < 0) {
    const message = `expected seconds ≥ 0 but found ${recordDuration}.`;
    throw complaints.error("duration of a data record", 244, message);
  }
  const format = formatOf(reserved, sampleBytes);
  const patientFields = parsePatient(patient);
  const recordingFields = parseRecording(recording);
  if (format.includes("+")) {
    const subfields = "does not have the subfields that EDF+ asks for.";
    if (!patientFields) complaints.warn("patient identification", 8, `"${patient}" ${subfields}`);
    if (!recordingFields) {
      complaints.warn("recording identification", 88, `"${recording}" ${subfields}`);
    }
  }
  const signals = parseSignals(bytes, complaints, { format, sampleBytes, recordDuration }, options);
  const recordSamples = signals.reduce((sum, s) => sum + s.samplesPerRecord, 0);
  const recordBytes = recordSamples * sampleBytes;
  const cap = options.maxRecordBytes ?? DEFAULT_MAX_RECORD_BYTES;
  if (recordBytes > cap) {
    // The signal that takes most of the record is the one whose number to look at.
    const count = signals.length;
    const most = signals.reduce(
      (a, s, i) => (s.samplesPerRecord > signals[a]!.samplesPerRecord ? i : a),
      0,
    );
    const field = `signal ${most + 1} of ${count}: samples in each data record`;
    throw new ConcordError(
      "format/too-large",
      `${complaints.file}: ${field} (byte ${offsetOf(count, 216, most)}): a data record of ${recordBytes} bytes is above the limit of ${cap}.`,
      { hint: "If the file is sound, open it with a larger maxRecordBytes." },
    );
  }
  return {
    format,
    sampleBytes,
    patient,
    patientFields,
    recording,
    recordingFields,
    startTime: parseStartTime(date, time, recordingFields?.startDate, complaints),
    headerBytes,
    reserved,
    declaredRecords,
    recordDuration,
    recordBytes,
    signals,
  };
}

function parseVersion(bytes: Uint8Array, complaints: Complaints): SampleBytes {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 8));
  if (text === "0       ") return 2;
  if (text === "\xffBIOSEMI") return 3;
  throw complaints.error(
    "version",
    0,
    `expected "0" and seven spaces (EDF) or byte 255 and "BIOSEMI" (BDF) but found ${JSON.stringify(text)}.`,
    "This is not an EDF or BDF file.",
  );
}

function formatOf(reserved: string, sampleBytes: SampleBytes): EdfFormat {
  const family = sampleBytes === 2 ? "EDF" : "BDF";
  // BDF+ files exist with either spelling.
  const kind = /^[EB]DF\+([CD])/.exec(reserved)?.[1] as "C" | "D" | undefined;
  return kind === undefined ? family : `${family}+${kind}`;
}

function parseSignals(
  bytes: Uint8Array,
  complaints: Complaints,
  file: { format: EdfFormat; sampleBytes: SampleBytes; recordDuration: number },
  options: HeaderOptions,
): EdfSignal[] {
  const count = bytes.length / HEADER_BLOCK - 1;
  const reader = new FieldReader(bytes, complaints, HEADER_BLOCK);
  const column = <T>(read: (field: string) => T, field: string) =>
    Array.from({ length: count }, (_, i) => read(`signal ${i + 1} of ${count}: ${field}`));
  const texts = (field: string, width: number) => column((f) => reader.text(f, width), field);
  const numbers = (field: string) =>
    Array.from({ length: count }, (_, i) => {
      const name = `signal ${i + 1} of ${count}: ${field}`;
      const needed = options.badCalibration !== "keep" && !isAnnotationsLabel(labels[i]!);
      return needed ? reader.number(name, 8) : reader.numberOrNaN(name, 8);
    });
  const labels = texts("label", 16);
  const transducers = texts("transducer type", 80);
  const units = texts("physical dimension", 8);
  const physMins = numbers("physical minimum");
  const physMaxs = numbers("physical maximum");
  const digMins = numbers("digital minimum");
  const digMaxs = numbers("digital maximum");
  const prefilters = texts("prefiltering", 80);
  const sampleCounts = column(
    (f) => reader.integer(f, 8, 0, 99_999_999),
    "samples in each data record",
  );
  const reserveds = texts("reserved", 32);

  let byteOffset = 0;
  return labels.map((label, i): EdfSignal => {
    const isAnnotations = isAnnotationsLabel(label);
    const field = `signal ${i + 1} of ${count}`;
    const calibration: Calibration = {
      physMin: physMins[i]!,
      physMax: physMaxs[i]!,
      digMin: digMins[i]!,
      digMax: digMaxs[i]!,
    };
    const samplesPerRecord = sampleCounts[i]!;
    if (isAnnotations && !file.format.includes("+")) {
      const message = `"${label}" in a file that is not marked EDF+; read as annotations.`;
      complaints.warn(`${field}: label`, HEADER_BLOCK + 16 * i, message);
    }
    if (!isAnnotations && samplesPerRecord > 0 && file.recordDuration === 0) {
      throw complaints.error(
        "duration of a data record",
        244,
        `is 0, so ${field} ("${label}") has no sampling rate.`,
        "Only files that hold nothing but annotations may have records of no duration.",
      );
    }
    const isCalibrated =
      isAnnotations || checkCalibration(calibration, field, label, count, i, complaints, options);
    if (!isAnnotations) {
      const [low, high] = digitalRange(file.sampleBytes);
      if (calibration.digMin < low || calibration.digMax > high) {
        const message = `digital range ${calibration.digMin} to ${calibration.digMax} is beyond ${low} to ${high}.`;
        complaints.warn(`${field}: digital minimum`, offsetOf(count, 120, i), message);
      }
    }
    const signal: EdfSignal = {
      label,
      transducer: transducers[i]!,
      unit: units[i]!,
      prefilter: prefilters[i]!,
      reserved: reserveds[i]!,
      ...calibration,
      samplesPerRecord,
      rate: file.recordDuration === 0 ? 0 : samplesPerRecord / file.recordDuration,
      isAnnotations,
      isCalibrated,
      byteOffset,
    };
    byteOffset += samplesPerRecord * file.sampleBytes;
    return signal;
  });
}

function isAnnotationsLabel(label: string): boolean {
  return label === "EDF Annotations" || label === "BDF Annotations";
}

/** Byte offset of signal i's entry in the column that starts `before` bytes per signal after the fixed header. */
function offsetOf(count: number, before: number, i: number): number {
  return HEADER_BLOCK + before * count + 8 * i;
}

function checkCalibration(
  calibration: Calibration,
  field: string,
  label: string,
  count: number,
  i: number,
  complaints: Complaints,
  options: HeaderOptions,
): boolean {
  const { physMin, physMax, digMin, digMax } = calibration;
  const digital = !Number.isInteger(digMin) || !Number.isInteger(digMax) || digMin >= digMax;
  const gain = gainOf(calibration);
  if (!digital && gain !== 0 && Number.isFinite(gain)) return true;
  const what = digital
    ? `expected whole numbers, digital minimum below digital maximum, but found ${digMin} and ${digMax}`
    : `expected different physical minimum and maximum but found ${physMin} and ${physMax}`;
  const where = `${field}: ${digital ? "digital" : "physical"} minimum`;
  const offset = offsetOf(count, digital ? 120 : 104, i);
  const message = `${what}, so "${label}" cannot be calibrated.`;
  if (options.badCalibration !== "keep") {
    throw complaints.error(where, offset, message, "Set badCalibration to keep the other signals.");
  }
  complaints.warn(where, offset, message);
  return false;
}
