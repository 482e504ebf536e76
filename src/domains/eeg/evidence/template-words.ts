/** @file Templates in words: `10 Hz, strongest at O1, O2`. */

import { significant } from "../../../figures/number-text.ts";
import { scalpElectrodes } from "../figures/scalp.ts";
import type { TemplateFacts } from "../signal/template.ts";

/** Channels that are named at most, and the share of the strongest one's size that they have. */
const NAMED = 3;
const NAMED_FROM = 0.7;

/** Channels by the electrodes that they are of, where they are of one; otherwise their labels. */
export function channelNames(labels: readonly string[]): string[] {
  const names = [...labels];
  for (const { channel, name } of scalpElectrodes(labels)) names[channel] = name;
  return names;
}

/**
 * The frequency of the most power, and the channels of the largest size at the strongest moment.
 *
 * @param names One per channel.
 * @returns "" for a template of zeros.
 */
export function templateWords(
  { map, courses, peakFrequency }: TemplateFacts,
  names: readonly string[],
) {
  const size = (channel: number) => Math.abs(map[channel]!);
  const channels = courses.map(({ channel }) => channel);
  const [strongest] = channels;
  if (strongest === undefined || !(size(strongest) > 0)) return "";
  const named = channels
    .filter((channel) => size(channel) >= NAMED_FROM * size(strongest))
    .slice(0, NAMED)
    .map((channel) => names[channel]!);
  const hertz =
    peakFrequency === undefined
      ? "no power within the EEG's bands"
      : `${significant(peakFrequency, 3)} Hz`;
  return `${hertz}, strongest at ${named.join(", ")}`;
}
