/** What is compared: MFR on three sets of data, against SAEs that are held back in other ways. */

import type { Arm, Comparison } from "../../src/index.ts";

const [REST, TASK, CLINIC] = [
  "{recordings}/eeg_microstates_rest_30ch.edf",
  "{recordings}/mne_overlapping_annotations.edf",
  "{recordings}/nihonkohden_MB0400FU.edf",
];
const TEN_TWENTY = "Fp1, Fp2, F7, F3, Fz, F4, F8, T7, C3, Cz, C4, T8, P7, P3, Pz, P4, P8, O1, O2";
/** The head of all simulated recordings, the same for all seeds of training. */
export const HEAD_SEED = 1;
const OFF = ["coupling.weight=0", "reinitialise=false"];

/** The sets of data: their settings, the length of training, and the weights that are tried. */
const SETS = {
  rest: {
    config: "eeg-recordings",
    settings: [`source.paths=${REST}`, `source.channels=[${TEN_TWENTY}]`],
    length: ["steps", 200],
    weights: ["0.005", "3", "30"],
  },
  people: {
    config: "eeg-recordings",
    settings: [
      `source.paths=[${REST}, ${TASK}, ${CLINIC}]`,
      "source.held_out=[mne_overlapping_annotations.edf]",
    ],
    length: ["steps", 200],
    weights: ["3"],
  },
  simulated: {
    config: "eeg-simulated",
    settings: [`source.simulated.head_seed=${HEAD_SEED}`, "source.simulated.seed=1000"],
    length: ["epochs", 13],
    weights: ["3"],
  },
} as const;
export type SetName = keyof typeof SETS;
export const NAMES = Object.keys(SETS) as SetName[];
const CONTROLS = ["none-half", "none-256", "none-128"];
/** The arms of a set that MFR couples. */
export const coupled = (set: SetName) => SETS[set].weights.map((w) => `${set}.mfr-${w}`);

function armsOf(set: SetName): [string, Arm][] {
  const { config, settings, length, weights } = SETS[set];
  const [unit, count] = length;
  const arm = (name: string, title: string, own: readonly string[], more: Partial<Arm> = {}) => {
    const all = [...settings, "population.independent=0", `training.${unit}=${count}`, ...own];
    const file = `../../configs/mfr/${config}.yaml`;
    const value: Arm = { title, config: file, settings: all, baseline: `${set}.none`, ...more };
    return [`${set}.${name}`, value] as [string, Arm];
  };
  const one = [...OFF, "population.members=1"];
  return [
    arm("none", "no coupling", OFF),
    arm("none-long", "no coupling, longer", one, { computeOf: coupled(set) }),
    arm("none-half", "no coupling, half as long", [...one, `training.${unit}=${count / 2}`]),
    ...[256, 128].map((n) =>
      arm(`none-${n}`, `no coupling, ${n} latents`, [...one, `population.d_sae=${n}`]),
    ),
    ...weights.map((w) => arm(`mfr-${w}`, `MFR ${w}`, [`coupling.weight=${w}`])),
  ];
}

export const arms: Readonly<Record<string, Arm>> = Object.fromEntries(NAMES.flatMap(armsOf));

/** The arms of a set in the order of tables, the baseline first. */
export const rowsOf = (set: SetName) => [
  ...["none", "none-long", ...CONTROLS].map((name) => `${set}.${name}`),
  ...coupled(set),
];

/** A comparison by relative change. */
export const change = (measure: string, arm: string, against: string): Comparison => ({
  measure,
  arm,
  against,
  as: "change",
});
/** Every coupled arm, at equal steps or at equal compute. */
export const equal = (what: "none" | "none-long", measure = "fvu") =>
  NAMES.flatMap((set) => coupled(set).map((arm) => change(measure, arm, `${set}.${what}`)));
