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

/** Recordings or windows that the terminal names one by one. */
const MOST_NAMED = 5;

/** The reasons of the first few that were left out, as one sentence's end. */
export function skippedWords(skipped: readonly SkippedRecording[]): string {
  const reasons = skipped.slice(0, MOST_NAMED).map(({ name, reason }) => `${name}: ${reason}`);
  const rest = skipped.length - reasons.length;
  return `${reasons.join("; ")}${rest > 0 ? ` (and ${rest} more)` : ""}`;
}

/** What a person who starts a run should know of its recordings, a line each. */
export function eegNotices({
  used,
  skipped,
  windows,
  rejected,
  paddedWindows,
}: EegReport): string[] {
  const artefacts = rejected.amplitude + rejected.flat;
  const lines = [
    `${used.length} of ${used.length + skipped.length} recordings, ${windows} windows${artefacts > 0 ? ` (${artefacts} more left out as artefacts)` : ""}${paddedWindows > 0 ? `, ${paddedWindows} of them completed with zeros` : ""}`,
    ...skipped.slice(0, MOST_NAMED).map(({ name, reason }) => `skipped ${name}: ${reason}`),
  ];
  if (skipped.length > MOST_NAMED) lines.push(`skipped ${skipped.length - MOST_NAMED} more`);
  const cut = used.filter((r) => r.truncated).map((r) => r.name);
  if (cut.length > 0) {
    const names = cut.slice(0, MOST_NAMED).join(", ");
    const more = cut.length > MOST_NAMED ? ` and ${cut.length - MOST_NAMED} more` : "";
    lines.push(`cut short, used as far as they go: ${names}${more}`);
  }
  return lines;
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
