/**
 * @file How fast EEG is read and filtered on one core: EDF records decoded to physical units, then the order-5 0.5–45 Hz
 * band-pass forward and backward over every channel, against the time that the recording lasts.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEdf } from "../src/formats/edf/open-edf.ts";
import { writeEdf } from "../src/formats/edf/write-edf.ts";
import { butterworth } from "../src/signal/butterworth.ts";
import { sosfiltfilt } from "../src/signal/sections.ts";
import { integerAt, randomStream } from "../src/tensor/philox.ts";

export interface EdfBenchOptions {
  /** Default 32. */
  readonly channels?: number;
  /** Hz, default 250. */
  readonly rate?: number;
  /** Length of the recording, default 600. */
  readonly seconds?: number;
  readonly repeats?: number;
}

export interface EdfBenchResult {
  readonly name: string;
  readonly shape: string;
  readonly ms: { readonly min: number; readonly median: number };
  /** Median milliseconds of each part. */
  readonly decodeMs: number;
  readonly filterMs: number;
  /** Seconds of recording per second of work, at the median. */
  readonly timesRealTime: number;
}

/** Times reading and filtering of a file written for the purpose in the system's temporary folder. */
export async function benchEdf(options: EdfBenchOptions = {}): Promise<EdfBenchResult> {
  const { channels = 32, rate = 250, seconds = 600, repeats = 5 } = options;
  const folder = await mkdtemp(join(tmpdir(), "concord-bench-edf-"));
  try {
    const path = join(folder, "synthetic.edf");
    await synthesise(path, channels, rate, seconds);
    const band = butterworth(5, { kind: "bandPass", low: 0.5, high: 45 }, rate);
    const runs: { decode: number; filter: number; total: number }[] = [];
    for (let repeat = 0; repeat <= repeats; repeat++) {
      const start = performance.now();
      const signals = await readAll(path, channels, rate * seconds);
      const decoded = performance.now();
      for (const signal of signals) sosfiltfilt(band, signal, undefined, signal);
      const end = performance.now();
      // The first run warms up the compiler and the operating system's file cache.
      if (repeat > 0) {
        runs.push({ decode: decoded - start, filter: end - decoded, total: end - start });
      }
    }
    const median = (key: keyof (typeof runs)[number]): number =>
      runs.map((r) => r[key]).sort((a, b) => a - b)[Math.floor(repeats / 2)]!;
    return {
      name: "decode EDF and band-pass forward and backward",
      shape: `${channels} channels at ${rate} Hz, ${seconds} s`,
      ms: { min: Math.min(...runs.map((r) => r.total)), median: median("total") },
      decodeMs: median("decode"),
      filterMs: median("filter"),
      timesRealTime: (1000 * seconds) / median("total"),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readAll(path: string, channels: number, samples: number): Promise<Float64Array[]> {
  const signals = Array.from({ length: channels }, () => new Float64Array(samples));
  const file = await openEdf(path);
  try {
    for await (const batch of file.records()) {
      for (const [i, values] of batch.signals.entries()) {
        const perRecord = values.length / batch.records;
        signals[i]!.set(values, batch.firstRecord * perRecord);
      }
    }
  } finally {
    await file.close();
  }
  return signals;
}

async function synthesise(
  path: string,
  channels: number,
  rate: number,
  seconds: number,
): Promise<void> {
  const noise = randomStream(1, "bench/edf");
  const block = Int32Array.from({ length: 65_536 }, (_, i) => integerAt(noise, i, 2001) - 1000);
  await writeEdf(path, {
    format: "EDF",
    startTime: "2020-01-01T00:00:00",
    recordDuration: 1,
    signals: Array.from({ length: channels }, (_, c) => ({
      ...{ label: `E${c + 1}`, unit: "uV", physMin: -3276.8, physMax: 3276.7 },
      ...{ digMin: -32768, digMax: 32767, samplesPerRecord: rate },
      samples: {
        digital: Int32Array.from(
          { length: rate * seconds },
          (_, i) => block[(i + 97 * c) % 65_536]!,
        ),
      },
    })),
  });
}
