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
  auxk: { title: "AuxK, no coupling", settings: [...OFF, AUX_K] },
  ...Object.fromEntries(
    WEIGHTS.map((weight) => [
      `mfr-${weight}`,
      { title: `MFR ${weight}`, settings: [`coupling.weight=${weight}`, ALONE] },
    ]),
  ),
  untied: { title: "untied, no coupling", settings: [...OFF, UNTIED] },
  "untied-mfr": {
    title: "untied, MFR 0.1",
    settings: ["coupling.weight=0.1", ALONE, UNTIED],
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
