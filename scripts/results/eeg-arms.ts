/** @file What is compared on the page on EEG. */

import { join, resolve } from "node:path";
import { TEN_TWENTY } from "../../src/domains/eeg/signal/electrodes.ts";
import type { Arm, Experiment } from "./arm-runs.ts";

/** What the paper reports for EEG: the loss falls by up to this much. */
export const PUBLISHED = 0.0667;

/** The open recordings, by the names of their files. */
export const RECORDINGS = {
  rest: "eeg_microstates_rest_30ch.edf",
  task: "mne_overlapping_annotations.edf",
  clinic: "nihonkohden_MB0400FU.edf",
};

/**
 * Seed of the simulated head, and of the first recording: the same ones for all seeds of training.
 */
export const HEAD_SEED = 1;
const FIRST_RECORDING = 1000;

/**
 * Of the published program: 0.005 for GPT-2 and 3 for synthetic data; for EEG it has 0, which is
 * the baseline.
 */
export const PUBLISHED_WEIGHTS = ["0.005", "3"];
export const STRONGER = "30";

/** Latents of the smaller uncoupled members; the others have 512. */
const FEWER = [256, 128];

/** One set of data with its own arms. */
export interface Data {
  readonly title: string;
  readonly short: string;
  readonly words: string;
  readonly experiment: Experiment;
  readonly none: Arm;
  readonly coupled: readonly Arm[];
  /**
   * Uncoupled members that are held back in other ways, to tell what the coupling does from what
   * any restraint does.
   */
  readonly controls: readonly Arm[];
  /** One uncoupled member, which needs no other, trained for longer. */
  longer(factor: number): Arm;
}

const OFF = ["coupling.weight=0", "reinitialise=false"];

interface Length {
  readonly unit: "steps" | "epochs";
  readonly count: number;
}

function dataset(
  words: Pick<Data, "title" | "short" | "words">,
  config: string,
  { unit, count }: Length,
  settings: readonly string[],
  weights: readonly string[],
): Data {
  const arm = (name: string, title: string, factor: number, ...own: string[]): Arm => {
    const much =
      unit === "steps" ? Math.round(count * factor) : Number((count * factor).toFixed(1));
    const all = [...own, "population.independent=0", `training.${unit}=${much}`];
    return { name, title, settings: all };
  };
  // No more than the band needs, so that there is no more work than that.
  const shared = [
    "source.rate=100",
    "training.checkpoint_every=10000",
    "training.keep_checkpoints=1",
  ];
  return {
    ...words,
    experiment: { config, name: `mfr-eeg/${words.short}`, settings: [...settings, ...shared] },
    none: arm("none", "none", 1, ...OFF),
    coupled: weights.map((w) => arm(`mfr-${w}`, `MFR ${w}`, 1, `coupling.weight=${w}`)),
    controls: [
      arm("none-half", "none, half as long", 0.5, ...OFF, "population.members=1"),
      ...FEWER.map((latents) =>
        arm(
          `none-${latents}`,
          `none, ${latents} latents`,
          1,
          ...OFF,
          "population.members=1",
          `population.d_sae=${latents}`,
        ),
      ),
    ],
    longer: (factor) =>
      arm("none-long", "none, longer", Number(factor.toFixed(1)), ...OFF, "population.members=1"),
  };
}

/** The sets of data; the last is simulated. @param folder Of the recordings. */
export function dataOf(folder: string): readonly Data[] {
  const [rest, task, clinic] = [RECORDINGS.rest, RECORDINGS.task, RECORDINGS.clinic].map((name) =>
    join(resolve(folder), name),
  );
  return [
    dataset(
      {
        title: "One person at rest",
        short: "rest",
        words: `\`${RECORDINGS.rest}\`: 192 s, by the 19 electrodes of the 10–20 system. Held out: its last quarter, five seconds after the end of training.`,
      },
      "mfr/eeg-recordings",
      { unit: "steps", count: 200 },
      [`source.paths=${rest}`, `source.channels=[${TEN_TWENTY.join(", ")}]`],
      [...PUBLISHED_WEIGHTS, STRONGER],
    ),
    dataset(
      {
        title: "Another person than those trained on",
        short: "people",
        words: `\`${RECORDINGS.rest}\` and \`${RECORDINGS.clinic}\` (29 s), by the 19 electrodes that all three have. Held out: \`${RECORDINGS.task}\` (124 s), another person on another amplifier.`,
      },
      "mfr/eeg-recordings",
      { unit: "steps", count: 200 },
      [`source.paths=[${rest}, ${task}, ${clinic}]`, `source.held_out=[${RECORDINGS.task}]`],
      ["3"],
    ),
    dataset(
      {
        title: "Simulated recordings of one head",
        short: "simulated",
        words:
          "Forty **simulated** recordings of one head, 19 electrodes, 60 s each: 1/f background, alpha and beta bursts, blinks and line noise through a lead field. Held out: eight whole recordings.",
      },
      "mfr/eeg-simulated",
      { unit: "epochs", count: 13 },
      [`source.simulated.head_seed=${HEAD_SEED}`, `source.simulated.seed=${FIRST_RECORDING}`],
      ["3"],
    ),
  ];
}
