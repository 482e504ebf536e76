/**
 * @file Which channels of a recording are scalp electrodes that can be used, and why each of the
 *   others is not.
 */

import { showName } from "../../../formats/show-name.ts";
import { commonCathode, isNumberedCap, parseChannelLabel } from "../signal/channel-labels.ts";
import { microvoltsPer } from "../signal/voltage-units.ts";
import { mode } from "../windows/pipeline.ts";
import type { RecordedChannel } from "./recording.ts";
import { BIPOLAR, OWN_NUMBERING, type SkippedChannel } from "./report.ts";

/** The electrodes among the channels of a recording. */
export interface Electrodes {
  /** Hz of most of them; those of another are left out. */
  readonly rate: number;
  /** Place of each electrode's channel, by 10–10 name. */
  readonly byName: ReadonlyMap<string, number>;
  /** By channel, the electrode that its label speaks of. */
  readonly names: readonly (string | undefined)[];
  /** By channel, why it is left out. */
  readonly reasons: ReadonlyMap<number, string>;
  readonly skippedChannels: readonly SkippedChannel[];
}

/**
 * Finds the scalp electrodes of the 10–10 system among channels, each in volts and once.
 *
 * Labels of two electrodes count where all channels are measured against the same one
 * (`commonCathode`).
 */
export function electrodesAmong(channels: readonly RecordedChannel[]): Electrodes {
  const reasons = new Map<number, string>();
  const candidates: { index: number; name: string; channel: RecordedChannel }[] = [];
  const labels = channels.map((c) => c.label);
  const numbered = isNumberedCap(labels);
  const common = commonCathode(labels);
  const names = labels.map((label) => (numbered ? undefined : electrodeOf(label, common)));
  for (const [index, channel] of channels.entries()) {
    const name = names[index];
    const reason = name === undefined ? whyNone(channel.label, numbered) : faultOf(channel);
    if (reason !== undefined) reasons.set(index, reason);
    else candidates.push({ index, name: name!, channel });
  }
  const rate = mode(candidates.map((c) => c.channel.rate)) ?? 0;
  const byName = new Map<string, number>();
  for (const { index, name, channel } of candidates) {
    if (channel.rate !== rate) reasons.set(index, `${channel.rate} Hz, not ${rate} Hz`);
    else if (byName.has(name)) reasons.set(index, `${name} a second time`);
    else byName.set(name, index);
  }
  const skippedChannels = [...reasons].map(([i, reason]) => ({ label: labels[i]!, reason }));
  return { rate, byName, names, reasons, skippedChannels };
}

/** The electrode that a channel is of, against a reference or the common cathode. */
function electrodeOf(label: string, common: string | undefined): string | undefined {
  const parsed = parseChannelLabel(label);
  if (parsed.kind === "electrode") return parsed.name;
  return parsed.kind === "bipolar" && parsed.cathode === common ? parsed.anode : undefined;
}

function whyNone(label: string, numbered: boolean): string {
  if (numbered) return OWN_NUMBERING;
  const isBipolar = parseChannelLabel(label).kind === "bipolar";
  return isBipolar ? BIPOLAR : "not a scalp electrode of the 10–10 system";
}

/** Why an electrode's channel cannot be used by itself. @returns undefined when it can. */
function faultOf(channel: RecordedChannel): string | undefined {
  const { isCalibrated, calibrationFault, unit, rate, isFlat } = channel;
  if (!isCalibrated) return `no calibration${calibrationFault ? `: ${calibrationFault}` : ""}`;
  if (microvoltsPer(unit) === undefined) return `unit "${showName(unit)}" is not a voltage`;
  if (rate === 0) return "no sampling rate: its data records have no duration or no samples";
  return isFlat ? "flat from beginning to end" : undefined;
}

/** Electrodes that a message names one by one. */
const MOST_LACKING = 20;

/** Electrodes that a recording lacks, each with the reason where a channel of it was left out. */
export function whyLacking(
  missing: readonly string[],
  channels: readonly RecordedChannel[],
  { names, reasons }: Electrodes,
): string {
  const words = missing.slice(0, MOST_LACKING).map((name) => {
    const index = names.indexOf(name);
    if (index < 0) return name;
    return `${name} (${showName(channels[index]!.label)}: ${reasons.get(index)})`;
  });
  const rest = missing.length - words.length;
  return `${words.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
