/**
 * @file Held-out windows with one kind of disturbance at one ratio, and the sums of every arm on
 *   them.
 */

import { randomStream } from "../../src/base/philox.ts";
import { evaluateDenoising } from "../../src/domains/eeg/denoise/evaluate-denoising.ts";
import type { DenoisingSums } from "../../src/domains/eeg/metrics/denoising-metric.ts";
import { DENOISING_METRICS } from "../../src/domains/eeg/metrics/eeg-metrics.ts";
import type { Corruption } from "../../src/domains/eeg/signal/corruptions.ts";
import { corruptWindow, drawCorruption } from "../../src/domains/eeg/source/corrupt-windows.ts";
import type { EegSource } from "../../src/domains/eeg/source/eeg-source.ts";
import type { RowReader } from "../../src/sources/source.ts";
import type { Arm } from "./denoisers.ts";
import { STUDY } from "./settings.ts";

/** Metrics by name. */
export type Numbers = Readonly<Record<string, number>>;

/** What one arm did on held-out windows of one data set and seed. */
export interface ArmResult {
  readonly arm: string;
  /** At each ratio, all kinds together. */
  readonly bySnr: Readonly<Record<string, Numbers>>;
  /** SNR gain for each kind, at the middle ratio, in dB. */
  readonly byKind: Readonly<Record<string, number>>;
}

/** Some of the held-out windows in µV, disturbed in the same way for every arm. */
function disturbed(clean: EegSource, seed: number, kind: Corruption, snrDb: number): RowReader {
  const { dIn, heldOut, layout } = clean;
  const rows = Math.min(STUDY.windows, heldOut.rows);
  const stream = randomStream(seed, `study/${kind}/${snrDb}`);
  return {
    rows,
    hasTargets: true,
    async read(start, out, targets) {
      for (let r = 0; r < out.length / dIn; r++) {
        const window = out.subarray(r * dIn, (r + 1) * dIn);
        const place = Math.floor(((start + r) * heldOut.rows) / rows);
        await heldOut.read(place, window);
        targets?.set(window, r * dIn);
        const draw = drawCorruption({ kinds: [kind], snrDb }, stream, start + r);
        corruptWindow(window, layout, draw);
      }
    },
  };
}

function added(all: readonly DenoisingSums[]): DenoisingSums {
  const sum = (of: (s: DenoisingSums) => number) => all.reduce((total, s) => total + of(s), 0);
  const bands = Object.keys(all[0]!.bands).map((band) => [
    band,
    {
      difference: sum((s) => s.bands[band]!.difference),
      reference: sum((s) => s.bands[band]!.reference),
    },
  ]);
  return {
    rows: sum((s) => s.rows),
    segments: sum((s) => s.segments),
    noise: sum((s) => s.noise),
    error: sum((s) => s.error),
    correlation: sum((s) => s.correlation),
    bands: Object.fromEntries(bands),
  };
}

/** Metrics of an arm: of each of its denoisers, averaged. */
function numbers(perDenoiser: readonly DenoisingSums[]): Numbers {
  return Object.fromEntries(
    DENOISING_METRICS.map((m) => [
      m.name,
      perDenoiser.reduce((sum, s) => sum + m.compute(s) / perDenoiser.length, 0),
    ]),
  );
}

/** Evaluates all arms on every kind and ratio. */
export async function evaluated(
  clean: EegSource,
  arms: readonly Arm[],
  seed: number,
): Promise<ArmResult[]> {
  const denoisers = arms.flatMap((arm) => arm.denoisers);
  const cells = new Map<string, DenoisingSums[]>();
  for (const snrDb of STUDY.snrDb)
    for (const kind of STUDY.kinds) {
      const reader = disturbed(clean, seed, kind, snrDb);
      const sums = await evaluateDenoising(denoisers, reader, clean.dIn, clean.layout);
      cells.set(`${kind} ${snrDb}`, sums);
    }
  let first = 0;
  return arms.map(({ name, denoisers: own }) => {
    const places = own.map((_, i) => first + i);
    first += own.length;
    const at = (kinds: readonly Corruption[], snrDb: number) =>
      numbers(places.map((d) => added(kinds.map((kind) => cells.get(`${kind} ${snrDb}`)![d]!))));
    const middle = STUDY.snrDb[Math.floor(STUDY.snrDb.length / 2)]!;
    return {
      arm: name,
      bySnr: Object.fromEntries(STUDY.snrDb.map((snr) => [String(snr), at(STUDY.kinds, snr)])),
      byKind: Object.fromEntries(
        STUDY.kinds.map((kind) => [kind, at([kind], middle)["snr_gain"]!]),
      ),
    };
  });
}
