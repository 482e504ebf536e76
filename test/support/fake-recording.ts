/** @file EEG recordings in memory for tests of the pipelines. */

import type { Recording, Stretch } from "../../src/domains/eeg/recordings/recording.ts";

export interface FakeChannel {
  readonly label: string;
  readonly rate?: number;
  readonly unit?: string;
  readonly isCalibrated?: boolean;
  readonly isFlat?: boolean;
  /** Sample i of this channel; default a sine of 10 Hz and 20 units. */
  readonly sample?: (i: number) => number;
}

/** @param channels Labels, or more about a channel. 250 Hz unless told otherwise. */
export function fakeRecording(
  name: string,
  channels: readonly (string | FakeChannel)[],
  options: {
    readonly seconds?: number;
    readonly rate?: number;
    readonly stretches?: Stretch[];
  } = {},
): Recording {
  const { seconds = 10, rate = 250, stretches = [{ from: 0, to: seconds }] } = options;
  const full = channels.map((c) => (typeof c === "string" ? { label: c } : c));
  const rateOf = (c: FakeChannel) => c.rate ?? rate;
  return {
    name,
    seconds,
    stretches,
    truncated: false,
    warnings: [],
    channels: full.map((c) => ({
      label: c.label,
      unit: c.unit ?? "uV",
      rate: rateOf(c),
      isCalibrated: c.isCalibrated ?? true,
      isFlat: c.isFlat ?? false,
    })),
    read: async (indices) =>
      indices.map((index) => {
        const c = full[index]!;
        const sine = (i: number) => 20 * Math.sin((2 * Math.PI * 10 * i) / rateOf(c) + index);
        return Float64Array.from({ length: Math.round(seconds * rateOf(c)) }, (_, i) =>
          (c.sample ?? sine)(i),
        );
      }),
  };
}
