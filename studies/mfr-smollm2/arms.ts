/** What is compared: MFR by weight, against uncoupled SAEs. */

import type { Arm, Comparison } from "../../src/index.ts";

/** The published one, and one nearer to the squared error. */
const WEIGHTS = ["0.005", "0.1"] as const;
const ALONE = "population.independent=0";
const OFF = ["coupling.weight=0", ALONE];
const UNTIED = "population.architecture=topk";
const AUX_K = "population.aux_k={dead_after_tokens: 50000}";

/** The arms with a coupling. */
export const COUPLED = WEIGHTS.map((weight) => `mfr-${weight}`);

export const arms: Readonly<Record<string, Arm>> = {
  none: { title: "no coupling", settings: ["coupling.weight=0"] },
  // It does not do what it is there for, so one seed has to be enough.
  auxk: { title: "AuxK, no coupling, one seed", settings: [...OFF, AUX_K], seeds: [10] },
  ...Object.fromEntries(
    WEIGHTS.map((weight) => [
      `mfr-${weight}`,
      { title: `MFR ${weight}`, settings: [`coupling.weight=${weight}`, ALONE] },
    ]),
  ),
  untied: { title: "untied, no coupling", settings: [...OFF, UNTIED] },
  "untied-mfr": {
    title: "untied, MFR 58",
    // The loss of an untied member is the sum over d_in, 576 times the mean.
    settings: ["coupling.weight=58", ALONE, UNTIED],
    baseline: "untied",
  },
  "none-long": { title: "no coupling, longer", settings: OFF, computeOf: [COUPLED[0]!] },
};

/** A comparison as a relative change. */
export const change = (measure: string, arm: string, against: string): Comparison => ({
  measure,
  arm,
  against,
  as: "change",
});
