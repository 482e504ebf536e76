/**
 * @file The data sets of the study: clean windows in µV, and the same windows served for training.
 */

import { join } from "node:path";
import { type EegSource, openEegSource } from "../../src/domains/eeg/source/eeg-source.ts";
import type { RowKernels } from "../../src/sources/rows/row-kernels.ts";
import { CHANNELS, STUDY } from "./settings.ts";

export interface DataSet {
  readonly name: string;
  /** What is trained on and what held out, in words. */
  readonly what: string;
  readonly simulated: boolean;
  /** What opens it; simulated recordings differ with the seed. */
  input(seed: number): { paths: string[] } | { simulated: Simulated };
  /** Part of the held-out recordings' names. */
  heldOut(seed: number): string[];
}

type Simulated = Extract<Parameters<typeof openEegSource>[0], { simulated: unknown }>["simulated"];

const [RECORDINGS, HELD_OUT_RECORDINGS, SECONDS] = [16, 4, 40];

/**
 * Recordings of nothing but sources in a head: their windows are clean, which those of people never
 * are.
 */
export const SIMULATED: DataSet = {
  name: "simulated",
  what: `${RECORDINGS - HELD_OUT_RECORDINGS} simulated recordings of ${SECONDS} s to train on and ${HELD_OUT_RECORDINGS} held out, each with sources of its own; other ones for every seed`,
  simulated: true,
  input: (seed) => ({
    simulated: {
      recordings: RECORDINGS,
      seconds: SECONDS,
      rate: STUDY.rate,
      channels: CHANNELS,
      blinkUv: 0,
      lineUv: 0,
      sensorUv: 0,
      seed: 1000 * (seed + 1),
    },
  }),
  heldOut: (seed) =>
    Array.from({ length: HELD_OUT_RECORDINGS }, (_, i) => `simulated-${1000 * (seed + 1) + i}`),
};

/**
 * The open recordings in `folder` that have the electrodes; each of the two long ones is held out
 * once.
 */
export function openRecordings(folder: string): DataSet[] {
  const [rest, motor, clinic] = [
    "eeg_microstates_rest_30ch.edf",
    "mne_overlapping_annotations.edf",
    "nihonkohden_MB0400FU.edf",
  ];
  const paths = [rest, motor, clinic].map((name) => join(folder, name!));
  return [
    { name: "fold-1", held: motor!, others: `${rest} and ${clinic}` },
    { name: "fold-2", held: rest!, others: `${motor} and ${clinic}` },
  ].map(({ name, held, others }) => ({
    name,
    what: `trained on ${others}; held out: ${held}`,
    simulated: false,
    input: () => ({ paths }),
    heldOut: () => [held],
  }));
}

const fixed = (set: DataSet, seed: number, kernels: RowKernels) => ({
  ...set.input(seed),
  heldOut: set.heldOut(seed),
  seed,
  kernels,
  variant: "fixed" as const,
  channels: CHANNELS,
  rate: STUDY.rate,
  overlap: STUDY.overlap,
  ...STUDY.band,
});

/** Windows as training sees them: with a disturbance and the clean window as target, or clean. */
export function trainingSource(
  set: DataSet,
  seed: number,
  training: "pairs" | "clean",
  kernels: RowKernels,
): Promise<EegSource> {
  const corrupt = { training, snrDb: STUDY.trainingSnrDb, kinds: STUDY.kinds };
  return openEegSource({ ...fixed(set, seed, kernels), corrupt });
}

/** The same windows, clean and in µV. */
export function cleanSource(set: DataSet, seed: number, kernels: RowKernels): Promise<EegSource> {
  return openEegSource({ ...fixed(set, seed, kernels), scale: "microvolts" });
}
