/** @file What became of every recording and channel: nothing is left out without a line that says so. */

/** A channel that is not in the windows. */
export interface SkippedChannel {
  readonly label: string;
  readonly reason: string;
}

/** One recording that was used. */
export interface UsedRecording {
  readonly name: string;
  /** Hz, before resampling. */
  readonly rate: number;
  /** Seconds of stored signal. */
  readonly seconds: number;
  readonly windows: number;
  /** Windows completed with zeros. */
  readonly paddedWindows: number;
  /** Windows left out as artefacts, by the first test that they failed. */
  readonly rejected: { readonly amplitude: number; readonly flat: number };
  /** How often each channel was the reason, for channels that were at all. */
  readonly rejectedBy: Readonly<Record<string, number>>;
  /** Stretches between gaps that are too short for the filter or for one window. */
  readonly shortStretches: number;
  readonly skippedChannels: readonly SkippedChannel[];
  /** True when the file ends before its header says: the windows are those of what is there. */
  readonly truncated: boolean;
  readonly warnings: readonly string[];
}

/** One recording that was left out. */
export interface SkippedRecording {
  readonly name: string;
  readonly reason: string;
}

export interface EegReport {
  readonly variant: "faithful" | "fixed";
  readonly used: readonly UsedRecording[];
  readonly skipped: readonly SkippedRecording[];
  /** Sums over `used`. */
  readonly windows: number;
  readonly paddedWindows: number;
  readonly rejected: { readonly amplitude: number; readonly flat: number };
  /** What a reader of results should know. */
  readonly notes: readonly string[];
}

/** Adds up the recordings. */
export function eegReport(
  parts: Pick<EegReport, "variant" | "used" | "skipped" | "notes">,
): EegReport {
  const sum = (count: (r: UsedRecording) => number) =>
    parts.used.reduce((total, r) => total + count(r), 0);
  return {
    ...parts,
    windows: sum((r) => r.windows),
    paddedWindows: sum((r) => r.paddedWindows),
    rejected: { amplitude: sum((r) => r.rejected.amplitude), flat: sum((r) => r.rejected.flat) },
  };
}
