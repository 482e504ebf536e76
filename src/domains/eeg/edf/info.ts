/**
 * @file Everything worth knowing about an EDF file, computed in one pass with bounded memory: what
 *   `concord edf info` prints.
 */

import { snakeKeys } from "../../../formats/key-case.ts";
import type { EdfFile, EdfOptions, EdfTruncation } from "./edf-file.ts";
import type { EdfHeader } from "./header.ts";
import type { EdfWarning } from "./header-fields.ts";
import { openEdf } from "./open-edf.ts";
import type { EdfAnnotation } from "./texts.ts";
import type { EdfGap } from "./timeline.ts";

/** One signal and the range of what it holds. */
export interface EdfChannelInfo {
  readonly index: number;
  readonly label: string;
  readonly transducer: string;
  readonly unit: string;
  readonly prefilter: string;
  /** Hz. */
  readonly rate: number;
  readonly samplesPerRecord: number;
  readonly samples: number;
  readonly physicalMinimum: number;
  readonly physicalMaximum: number;
  readonly digitalMinimum: number;
  readonly digitalMaximum: number;
  /**
   * Smallest, largest and mean decoded value, in `unit`; null when there is no sample or no
   * calibration.
   */
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
}

/** What a recording's header says, in the words of its fields. */
export interface EdfInfo {
  readonly file: string;
  readonly bytes: number;
  readonly format: EdfHeader["format"];
  readonly patient: string;
  readonly recording: string;
  readonly patientFields: EdfHeader["patientFields"];
  readonly recordingFields: EdfHeader["recordingFields"];
  readonly startTime: string | null;
  readonly headerBytes: number;
  readonly records: {
    readonly count: number;
    readonly declared: number;
    /** Seconds. */
    readonly duration: number;
    readonly bytes: number;
  };
  /** Seconds of signal, gaps not counted. */
  readonly duration: number;
  readonly channels: readonly EdfChannelInfo[];
  readonly gaps: readonly EdfGap[];
  readonly annotations: readonly EdfAnnotation[];
  readonly truncated: EdfTruncation | null;
  readonly warnings: readonly EdfWarning[];
}

/**
 * Reads a file and tells what is in it.
 *
 * The mean is summed with compensation (Kahan–Neumaier), so it does not depend on how the file is
 * cut into batches. A channel without a usable calibration is listed with null statistics and a
 * warning.
 *
 * @throws Like `openEdf`.
 */
export async function edfInfo(path: string, options: EdfOptions = {}): Promise<EdfInfo> {
  const file = await openEdf(path, { badCalibration: "keep", ...options });
  try {
    return await describeEdf(file);
  } finally {
    await file.close();
  }
}

/** {@link edfInfo} of a file that is already open. */
export async function describeEdf(file: EdfFile): Promise<EdfInfo> {
  const usable = file.signals.flatMap((s, i) => (s.isCalibrated ? [i] : []));
  const statistics = file.signals.map(() => new RunningStatistics());
  for await (const { index, values } of file.parts(usable)) statistics[index]!.add(values);
  const gaps = await file.gaps();
  const { header } = file;
  return {
    file: file.name,
    bytes: file.bytes,
    format: header.format,
    patient: header.patient,
    recording: header.recording,
    patientFields: header.patientFields,
    recordingFields: header.recordingFields,
    startTime: file.startTime ?? null,
    headerBytes: header.headerBytes,
    records: {
      count: file.recordCount,
      declared: header.declaredRecords,
      duration: header.recordDuration,
      bytes: header.recordBytes,
    },
    duration: file.duration,
    channels: file.signals.map((signal, index) => ({
      index,
      label: signal.label,
      transducer: signal.transducer,
      unit: signal.unit,
      prefilter: signal.prefilter,
      rate: signal.rate,
      samplesPerRecord: signal.samplesPerRecord,
      samples: file.sampleCount(index),
      physicalMinimum: signal.physMin,
      physicalMaximum: signal.physMax,
      digitalMinimum: signal.digMin,
      digitalMaximum: signal.digMax,
      ...statistics[index]!.result(),
    })),
    gaps,
    annotations: await file.annotations(),
    truncated: file.truncated ?? null,
    warnings: file.warnings,
  };
}

/** {@link EdfInfo} as plain JSON with snake_case keys; null where there is nothing. */
export function edfInfoJson(info: EdfInfo): unknown {
  return snakeKeys(nulled(info));
}

/** With null for what JSON would leave out. */
function nulled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(nulled);
  if (typeof value === "number" && !Number.isFinite(value)) return null;
  if (value === null || typeof value !== "object") return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, nulled(inner)]));
}

class RunningStatistics {
  #count = 0;
  #sum = 0;
  #lost = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  add(values: Float64Array): void {
    let sum = this.#sum;
    let lost = this.#lost;
    for (const v of values) {
      if (v < this.#min) this.#min = v;
      if (v > this.#max) this.#max = v;
      const next = sum + v;
      lost += Math.abs(sum) >= Math.abs(v) ? sum - next + v : v - next + sum;
      sum = next;
    }
    this.#sum = sum;
    this.#lost = lost;
    this.#count += values.length;
  }

  result(): { min: number | null; max: number | null; mean: number | null } {
    if (this.#count === 0) return { min: null, max: null, mean: null };
    return { min: this.#min, max: this.#max, mean: (this.#sum + this.#lost) / this.#count };
  }
}
