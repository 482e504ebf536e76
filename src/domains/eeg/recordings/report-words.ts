/**
 * @file What became of recordings, channels and windows, in words for the terminal and for error
 *   messages.
 */

import { showName } from "../../../formats/show-name.ts";
import { parseChannelLabel } from "../signal/channel-labels.ts";
import {
  BIPOLAR,
  type EegReport,
  NOT_COMMON,
  OWN_NUMBERING,
  type Rejected,
  rejectedWindows,
  type SkippedChannel,
  type SkippedRecording,
} from "./report.ts";

/** Recordings or windows that the terminal names one by one. */
const MOST_NAMED = 5;

/** The reasons of the first few that were left out, as one sentence's end. */
export function skippedWords(skipped: readonly SkippedRecording[]): string {
  const reasons = skipped.slice(0, MOST_NAMED).map(({ name, reason }) => `${name}: ${reason}`);
  const rest = skipped.length - reasons.length;
  return `${reasons.join("; ")}${rest > 0 ? ` (and ${rest} more)` : ""}`;
}

/** Channels that are named one by one for a reason, and reasons of one recording. */
const MOST_LABELS = 3;
const MOST_REASONS = 4;

/** Why an electrode may be left out though nothing is wrong with its channel. */
const NO_FAULT = new Set<string>([BIPOLAR, OWN_NUMBERING, NOT_COMMON]);

/** The channels that are electrodes by their labels and were left out for a fault. */
function faultyElectrodes(skipped: readonly SkippedChannel[]): SkippedChannel[] {
  return skipped.filter(
    ({ label, reason }) => !NO_FAULT.has(reason) && parseChannelLabel(label).kind !== "other",
  );
}

/**
 * Why channels were left out, electrodes with a fault first and those with the same reason
 * together: "T3, T4 and 2 more: flat from beginning to end".
 */
export function channelWords(skipped: readonly SkippedChannel[]): string {
  const byReason = new Map<string, string[]>();
  for (const { label, reason } of skipped) {
    const labels = byReason.get(reason) ?? [];
    labels.push(showName(label) || "a channel without a label");
    byReason.set(reason, labels);
  }
  const faults = new Set(faultyElectrodes(skipped).map(({ reason }) => reason));
  const groups = [...byReason].sort((a, b) => +faults.has(b[0]) - +faults.has(a[0]));
  const words = groups.slice(0, MOST_REASONS).map(([reason, labels]) => {
    const more = labels.length - MOST_LABELS;
    return `${labels.slice(0, MOST_LABELS).join(", ")}${more > 0 ? ` and ${more} more` : ""}: ${reason}`;
  });
  const rest = groups.length - words.length;
  return `${words.join("; ")}${rest > 0 ? `; and ${rest} other reasons` : ""}`;
}

/** "12 beyond the amplitude, 3 flat, 1 clipped", without the kinds that did not occur. */
function rejectedWords({ amplitude, flat, clipped }: Rejected): string {
  const kinds = [
    [amplitude, "beyond the amplitude"],
    [flat, "flat"],
    [clipped, "clipped"],
  ] as const;
  return kinds.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : [])).join(", ");
}

/**
 * What was rejected and where most often: "39 windows were rejected as artefacts (39 flat), most
 * often at T7 (39)".
 */
export function rejectionWords({ rejected, used }: EegReport): string {
  const all = rejectedWindows(rejected);
  const counts = new Map<string, number>();
  for (const { rejectedBy } of used)
    for (const [name, count] of Object.entries(rejectedBy))
      counts.set(name, (counts.get(name) ?? 0) + count);
  const [worst] = [...counts].sort((a, b) => b[1] - a[1]);
  const kinds = all > 0 ? ` (${rejectedWords(rejected)})` : "";
  const where = worst ? `, most often at ${showName(worst[0])} (${worst[1]})` : "";
  return `${all} windows were rejected as artefacts${kinds}${where}`;
}

/** The first few lines, and how many there are more of. */
function firstOf(lines: readonly string[], more: (count: number) => string): string[] {
  const rest = lines.length - MOST_NAMED;
  return rest > 0 ? [...lines.slice(0, MOST_NAMED), more(rest)] : [...lines];
}

/** What a person who starts a run should know of its recordings, a line each. */
export function eegNotices({
  used,
  skipped,
  windows,
  rejected,
  paddedWindows,
}: EegReport): string[] {
  const artefacts = rejectedWindows(rejected);
  const cut = used.filter((r) => r.truncated).map((r) => r.name);
  const faulty = used.flatMap(({ name, skippedChannels }) => {
    const words = channelWords(faultyElectrodes(skippedChannels));
    return words === "" ? [] : [`left out of ${name}: ${words}`];
  });
  const odd = used.flatMap(({ name, warnings }) =>
    warnings.length > 0 ? [`${name}: ${warnings.join(" ")}`] : [],
  );
  return [
    `${used.length} of ${used.length + skipped.length} recordings, ${windows} windows${artefacts > 0 ? ` (${artefacts} more left out as artefacts: ${rejectedWords(rejected)})` : ""}${paddedWindows > 0 ? `, ${paddedWindows} of them completed with zeros` : ""}`,
    ...firstOf(
      skipped.map(({ name, reason }) => `skipped ${name}: ${reason}`),
      (rest) => `skipped ${rest} more`,
    ),
    ...(cut.length > 0 ? [`cut short, used as far as they go: ${named(cut)}`] : []),
    ...firstOf(faulty, (rest) => `left out channels of ${rest} recordings more`),
    ...firstOf(odd, (rest) => `${rest} recordings more with something odd about the file`),
  ];
}

function named(names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "";
  return names.slice(0, MOST_NAMED).join(", ") + more;
}

/** What recordings' names have in common, which need not be said in every row. */
export function commonFolder(names: readonly string[]): string {
  const folders = names.map((name) => name.slice(0, name.lastIndexOf("/") + 1));
  let common = folders[0] ?? "";
  for (const folder of folders)
    while (!folder.startsWith(common))
      common = common.slice(0, common.lastIndexOf("/", common.length - 2) + 1);
  return common;
}
