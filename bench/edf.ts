/**
 * @file How fast one core reads and filters EEG: decoding EDF records to physical units, then the
 *   order-5 0.5–45 Hz band-pass, forward and backward over every channel. It is compared with the
 *   duration of the recording.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { integerAt, randomStream } from "../src/base/philox.ts";
import { openEdf } from "../src/domains/eeg/edf/open-edf.ts";
import { writeEdf } from "../src/domains/eeg/edf/write-edf.ts";
import { butterworth } from "../src/domains/eeg/signal/butterworth.ts";
import { sosfiltfilt } from "../src/domains/eeg/signal/sections.ts";
import { type BenchLine, median, timing } from "./harness.ts";

const [CHANNELS, RATE, SECONDS, REPEATS] = [32, 250, 600, 5];

/**
 * Times reading and filtering of a file written for this bench to the system's temporary folder.
 */
export async function benchEdf(): Promise<BenchLine[]> {
  const folder = await mkdtemp(join(tmpdir(), "concord-bench-edf-"));
  try {
    const path = join(folder, "synthetic.edf");
    await synthesise(path);
    const band = butterworth(5, { kind: "bandPass", low: 0.5, high: 45 }, RATE);
    const [decode, filter, total]: [number[], number[], number[]] = [[], [], []];
    for (let repeat = 0; repeat <= REPEATS; repeat++) {
      const start = performance.now();
      const signals = await readAll(path);
      const decoded = performance.now();
      for (const signal of signals) sosfiltfilt(band, signal, undefined, signal);
      const end = performance.now();
      // The first run warms up the compiler and the operating system's file cache.
      if (repeat === 0) continue;
      decode.push(decoded - start);
      filter.push(end - decoded);
      total.push(end - start);
    }
    const stage = (ms: number[]) => Number(median(ms).toPrecision(4));
    const timesRealTime = (1000 * SECONDS) / median(total);
    return [
      {
        name: "decode EDF, band-pass forward and backward",
        shape: { channels: CHANNELS, rate: RATE, seconds: SECONDS },
        threads: 1,
        isa: "typescript",
        ms: timing(total),
        stages: { decode: stage(decode), filter: stage(filter) },
        times_real_time: Number(timesRealTime.toPrecision(4)),
        target: "at least 200 times real time",
        reached: timesRealTime >= 200,
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readAll(path: string): Promise<Float64Array[]> {
  const signals = Array.from({ length: CHANNELS }, () => new Float64Array(RATE * SECONDS));
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

async function synthesise(path: string): Promise<void> {
  const noise = randomStream(1, "bench/edf");
  const block = Int32Array.from({ length: 65_536 }, (_, i) => integerAt(noise, i, 2001) - 1000);
  await writeEdf(path, {
    format: "EDF",
    startTime: "2020-01-01T00:00:00",
    recordDuration: 1,
    signals: Array.from({ length: CHANNELS }, (_, c) => ({
      label: `E${c + 1}`,
      unit: "uV",
      physMin: -3276.8,
      physMax: 3276.7,
      digMin: -32768,
      digMax: 32767,
      samplesPerRecord: RATE,
      samples: {
        digital: Int32Array.from(
          { length: RATE * SECONDS },
          (_, i) => block[(i + 97 * c) % 65_536]!,
        ),
      },
    })),
  });
}
