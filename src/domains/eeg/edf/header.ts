/**
 * @file The header of EDF (Kemp et al. 1992), EDF+ (Kemp and Olivan 2003) and their 24-bit forms
 *   BDF and BDF+: 256 bytes about the recording and 256 bytes per signal, all ASCII.
 */

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
  /**
   * Hz: samplesPerRecord / recordDuration; 0 when either is 0, and the signal then has no sampling
   * rate.
   */
  readonly rate: number;
  /** True when the "samples" are annotation text. */
  readonly isAnnotations: boolean;
  /** False when the calibration cannot be used (see `badCalibration`). */
  readonly isCalibrated: boolean;
  /** Why it cannot be used; undefined when it can. */
  readonly calibrationFault: string | undefined;
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
  /**
   * ISO date and time without zone (the format has none), whole seconds; undefined when the fields
   * hold none.
   */
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
   * A signal whose calibration has no range: "throw" (default) refuses the file, "keep" reads it
   * with a warning, and only reading that signal throws.
   */
  readonly badCalibration?: "throw" | "keep";
}

/** Bytes of the fixed part, and of each signal's part. */
export const HEADER_BLOCK = 256;

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
    const warn = (field: string, at: number, text: string) =>
      complaints.warn(`${field} identification`, at, `"${text}" ${subfields}`, true);
    if (!patientFields) warn("patient", 8, patient);
    if (!recordingFields) warn("recording", 88, recording);
  }
  const signals = parseSignals(bytes, complaints, { format, sampleBytes, recordDuration }, options);
  const sampled = signals.filter((s) => !s.isAnnotations && s.samplesPerRecord > 0);
  if (recordDuration === 0 && sampled.length > 0) {
    const more = sampled.length > 1 ? ` and ${sampled.length - 1} more` : "";
    const message = `is 0, so "${sampled[0]!.label}"${more} ${more === "" ? "has" : "have"} no sampling rate.`;
    complaints.warn("duration of a data record", 244, message);
  }
  const recordSamples = signals.reduce((sum, s) => sum + s.samplesPerRecord, 0);
  const recordBytes = recordSamples * sampleBytes;
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
    const calibrationFault = isAnnotations
      ? undefined
      : checkCalibration(calibration, field, label, count, i, complaints, options);
    if (!isAnnotations) {
      const [low, high] = digitalRange(file.sampleBytes);
      const { digMin, digMax } = calibration;
      if (Math.min(digMin, digMax) < low || Math.max(digMin, digMax) > high) {
        const message = `digital range ${digMin} to ${digMax} is beyond ${low} to ${high}.`;
        complaints.warn(`${field}: digital minimum`, signalFieldOffset(count, 120, i), message);
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
      isCalibrated: calibrationFault === undefined,
      calibrationFault,
      byteOffset,
    };
    byteOffset += samplesPerRecord * file.sampleBytes;
    return signal;
  });
}

function isAnnotationsLabel(label: string): boolean {
  return label === "EDF Annotations" || label === "BDF Annotations";
}

/**
 * Byte offset of signal i's entry in the column that starts `before` bytes per signal after the
 * fixed header.
 */
export function signalFieldOffset(count: number, before: number, i: number): number {
  return HEADER_BLOCK + before * count + 8 * i;
}

/** @returns Why the calibration cannot be used; undefined when it can. */
function checkCalibration(
  calibration: Calibration,
  field: string,
  label: string,
  count: number,
  i: number,
  complaints: Complaints,
  options: HeaderOptions,
): string | undefined {
  const { digMin, digMax } = calibration;
  const digital = faultOf("digital", digMin, digMax);
  const fault =
    digital ??
    faultOf("physical", calibration.physMin, calibration.physMax) ??
    stepFault(calibration);
  const where = `${field}: ${digital || !fault ? "digital" : "physical"} minimum`;
  const offset = signalFieldOffset(count, digital || !fault ? 120 : 104, i);
  if (fault === undefined) {
    if (digMin > digMax) {
      const message = `${digMin} is above the digital maximum, ${digMax}: read as a range from high to low.`;
      complaints.warn(where, offset, message);
    }
    return undefined;
  }
  const message = `${fault}, so "${label}" cannot be calibrated.`;
  if (options.badCalibration !== "keep") {
    throw complaints.error(where, offset, message, "Set badCalibration to keep the other signals.");
  }
  complaints.warn(where, offset, message);
  return fault;
}

/**
 * What keeps a range from being one end of a calibration: "the digital minimum and maximum are both
 * 0".
 */
function faultOf(kind: "digital" | "physical", min: number, max: number): string | undefined {
  const isNumber = kind === "digital" ? Number.isInteger : Number.isFinite;
  const what = kind === "digital" ? "a whole number" : "a number";
  if (!isNumber(min)) return `the ${kind} minimum is not ${what}`;
  if (!isNumber(max)) return `the ${kind} maximum is not ${what}`;
  return min === max ? `the ${kind} minimum and maximum are both ${min}` : undefined;
}

function stepFault(calibration: Calibration): string | undefined {
  const gain = gainOf(calibration);
  if (Number.isFinite(gain) && gain !== 0) return undefined;
  return `the physical range is ${calibration.physMin} to ${calibration.physMax}`;
}
