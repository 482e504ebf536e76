/**
 * @file EEG recordings as the pipelines see them, wherever they come from: an EDF file, or numbers
 *   in memory.
 */

import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { ConcordError } from "../../../errors.ts";
import { ioError } from "../../../formats/io-error.ts";
import type { EdfFile } from "../edf/edf-file.ts";
import { openEdf } from "../edf/open-edf.ts";
import { warningLines } from "../edf/warning-lines.ts";
import { flatSignals } from "./flat-channels.ts";

/** One channel as its recording describes it. */
export interface RecordedChannel {
  readonly label: string;
  readonly unit: string;
  /** Hz. */
  readonly rate: number;
  /** False when the file gives no way to turn stored numbers into `unit`. */
  readonly isCalibrated: boolean;
  /** Why it does not; undefined when it does, or that is not known. */
  readonly calibrationFault?: string | undefined;
  /**
   * True when it carries nothing from beginning to end (`flatSignals`); undefined when nobody
   * looked.
   */
  readonly isFlat?: boolean;
}

/** Seconds of stored signal without interruption. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface Recording {
  readonly name: string;
  readonly channels: readonly RecordedChannel[];
  /** Seconds of stored signal. */
  readonly seconds: number;
  /** In stored seconds: gaps take no time here. */
  readonly stretches: readonly Stretch[];
  /** True when the file ends before its header says; what is there is used. */
  readonly truncated: boolean;
  /** What was odd about the file, for the report. */
  readonly warnings: readonly string[];
  /** Samples of some channels, in their units. */
  read(indices: readonly number[]): Promise<Float64Array<ArrayBuffer>[]>;
}

/** A recording that could not be used at all. */
export interface UnreadableRecording {
  readonly name: string;
  readonly reason: string;
}

/**
 * The EDF and BDF files of a folder, at any depth and sorted by path, or the files of a list as
 * they are. A file that is reached twice counts once: otherwise it could be trained on and held
 * out.
 *
 * @throws {ConcordError} when a path does not exist or nothing is found.
 */
export async function findRecordings(paths: string | readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of typeof paths === "string" ? [paths] : paths) {
    try {
      if (!(await stat(path)).isDirectory()) {
        found.push(path);
        continue;
      }
      const names = await readdir(path, { recursive: true });
      found.push(
        ...names
          .filter((n) => /\.[eb]df$/i.test(n))
          .sort()
          .map((n) => join(path, n)),
      );
    } catch (error) {
      throw ioError(error, "read", path);
    }
  }
  if (found.length === 0) {
    const where = typeof paths === "string" ? paths : paths.join(", ");
    throw new ConcordError("file/missing", `No .edf or .bdf file in ${where || "an empty list"}.`);
  }
  return distinct(found);
}

/** Each file by the first of its paths. */
async function distinct(paths: readonly string[]): Promise<string[]> {
  const seen = new Set<string>();
  const first: string[] = [];
  for (const path of paths) {
    const real = await realpath(path);
    if (seen.size < seen.add(real).size) first.push(path);
  }
  return first;
}

/**
 * Reads the headers and gaps of EDF files, and of each channel as many samples as show that it is
 * not flat. No file stays open: each is opened again when its samples are read.
 *
 * @param minStdUv What `flatSignals` calls flat.
 * @param onRead   Told of every file; what it throws ends the reading.
 * @returns The recordings in the order of `paths`, and those that cannot be read with the reason.
 */
export async function edfRecordings(
  paths: readonly string[],
  minStdUv: number,
  onRead: (name: string, done: number) => void = () => {},
): Promise<{ recordings: Recording[]; unreadable: UnreadableRecording[] }> {
  const recordings: Recording[] = [];
  const unreadable: UnreadableRecording[] = [];
  for (const [i, path] of paths.entries()) {
    try {
      recordings.push(await withEdf(path, (file) => edfRecording(file, minStdUv)));
    } catch (error) {
      if (!(error instanceof ConcordError)) throw error;
      // The name stands beside the reason wherever that is shown.
      const { message } = error;
      const reason = message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message;
      unreadable.push({ name: path, reason });
    }
    onRead(path, i + 1);
  }
  return { recordings, unreadable };
}

async function edfRecording(file: EdfFile, minStdUv: number): Promise<Recording> {
  const { name, recordDuration } = file;
  const segments = await file.segments();
  const flat = await flatSignals(
    file,
    file.signals.map((_, i) => i),
    minStdUv,
  );
  return {
    name,
    channels: file.signals.map(({ label, unit, rate, isCalibrated, calibrationFault }, i) => {
      return { label, unit, rate, isCalibrated, calibrationFault, isFlat: flat.has(i) };
    }),
    seconds: file.duration,
    stretches: segments.map(({ firstRecord, records }) => {
      return { from: firstRecord * recordDuration, to: (firstRecord + records) * recordDuration };
    }),
    truncated: file.truncated !== undefined,
    warnings: warningLines(file.warnings),
    read: (indices) =>
      withEdf(name, async (again) => {
        const out = indices.map((i) => new Float64Array(again.sampleCount(i)));
        for await (const { index, startSample, values } of again.parts(indices)) {
          out[indices.indexOf(index)]!.set(values, startSample);
        }
        return out;
      }),
  };
}

async function withEdf<T>(path: string, use: (file: EdfFile) => Promise<T>): Promise<T> {
  const file = await openEdf(path, { badCalibration: "keep" });
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}
