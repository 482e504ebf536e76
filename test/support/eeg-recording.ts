/** @file Simulated EEG as the bytes of an EDF file, for tests that need recordings on disk. */

import { encodeEdf } from "../../src/domains/eeg/edf/write-edf.ts";
import { simulateEeg } from "../../src/domains/eeg/signal/simulated-eeg.ts";

export interface EdfRecordingOptions {
  readonly seed?: number;
  /** Whole seconds; default 24. */
  readonly seconds?: number;
  /** Hz, whole; default 128. */
  readonly rate?: number;
  /** Names of the channels in place of the 19 electrodes', in their order. */
  readonly labels?: readonly string[];
  /** Channels at a rate of their own beside the EEG. */
  readonly others?: readonly { readonly label: string; readonly rate: number }[];
  /** Height of blinks, µV; default 40, which is below the limit for artefacts. */
  readonly blinkUv?: number;
}

/** Bytes where fields of the header begin, for {@link patched}. */
export const HEADER_FIELDS = { bytes: 184, records: 236, duration: 244, signals: 252 } as const;

/** Files made before, by their options: a test file asks for the same ones again and again. */
const made = new Map<string, Uint8Array>();

/** A plain EDF file of 19 electrodes in records of one second. */
export function edfRecording(options: EdfRecordingOptions = {}): Uint8Array {
  const key = JSON.stringify(options);
  const bytes = made.get(key) ?? makeRecording(options);
  made.set(key, bytes);
  return bytes.slice();
}

function makeRecording(options: EdfRecordingOptions): Uint8Array {
  const { seed = 0, seconds = 24, rate = 128, labels, others = [], blinkUv = 40 } = options;
  const eeg = simulateEeg({ seed, seconds, rate, blinkUv });
  const range = { physMin: -3276.8, physMax: 3276.7, digMin: -32768, digMax: 32767 };
  return encodeEdf({
    format: "EDF",
    startTime: "2020-01-01T00:00:00",
    recordDuration: 1,
    signals: [
      ...eeg.channels.map((physical, c) => ({
        label: labels?.[c] ?? `EEG ${eeg.labels[c]}-REF`,
        unit: "uV",
        ...range,
        samplesPerRecord: rate,
        samples: { physical },
      })),
      ...others.map((other) => ({
        label: other.label,
        unit: "mV",
        ...range,
        samplesPerRecord: other.rate,
        samples: { digital: new Int32Array(other.rate * seconds) },
      })),
    ],
  });
}

/**
 * Where the number of one signal begins: its column starts `before` bytes per signal after the
 * fixed header.
 */
export function signalField(signals: number, before: 104 | 112 | 120 | 128 | 216, i: number) {
  return 256 + before * signals + 8 * i;
}

/** The bytes with a header field replaced. */
export function patched(bytes: Uint8Array, at: number, text: string): Uint8Array {
  const out = bytes.slice();
  out.set(new TextEncoder().encode(text), at);
  return out;
}
