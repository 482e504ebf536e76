/** What is compared: penalty and reinitialisation, with two ways to draw features. */

import type { Arm, Comparison } from "../../src/index.ts";

export const SUPPORTS = ["per_sample", "per_batch_group"] as const;
const OFF = "reinitialise=false";
const PAIR = "population.independent=0";
const AUX_K = "population.aux_k={dead_after_tokens: 50000}";
/** Arms of both kinds of support: title, coupling weight and further settings. */
export const ARMS: Readonly<
  Record<string, readonly [title: string, weight: number, ...more: string[]]>
> = {
  none: ["no coupling", 0, OFF, "population.independent=1"],
  "penalty-0.3": ["penalty 0.3", 0.3, OFF, PAIR],
  "penalty-3": ["penalty 3", 3, OFF, PAIR],
  reinit: ["reinitialisation", 0, PAIR],
  "both-0.3": ["both, penalty 0.3", 0.3, PAIR],
  "both-3": ["both, penalty 3", 3, PAIR],
  auxk: ["AuxK, no coupling", 0, OFF, PAIR, AUX_K],
  "none-long": ["no coupling, longer", 0, OFF, PAIR, "population.members=1"],
  "reinit-long": ["reinitialisation", 0, PAIR],
  "both-3-long": ["both, penalty 3", 3, PAIR],
};
export const SHOWN = Object.keys(ARMS).filter((name) => !name.endsWith("-long"));
export const COUPLED = ["penalty-0.3", "penalty-3", "both-0.3", "both-3"];

function armsOf(support: (typeof SUPPORTS)[number]): [string, Arm][] {
  const names = support === "per_sample" ? [...SHOWN, "none-long"] : Object.keys(ARMS);
  return names.map((name) => {
    const [title, weight, ...more] = ARMS[name]!;
    const steps = name === "none-long" ? 10_000 : name.endsWith("-long") ? 15_000 : 5_000;
    const own = [`coupling.weight=${weight}`, `source.support=${support}`];
    const settings = [...own, `training.steps=${steps}`, ...more];
    const seeds = name === "none-long" ? { seeds: [10] } : {};
    return [`${name}.${support}`, { title, settings, baseline: `none.${support}`, ...seeds }];
  });
}

export const arms: Readonly<Record<string, Arm>> = Object.fromEntries(SUPPORTS.flatMap(armsOf));

/** A comparison with no coupling; of FVU as a relative change. */
const compared = (measure: string, support: string, arm: string): Comparison => ({
  measure,
  arm: `${arm}.${support}`,
  against: `none.${support}`,
  as: measure === "fvu" ? "change" : "difference",
});
export const verdictsOf = (support: string): [string, Comparison][] => [
  ...["gt_mcc", "fvu", "pw_mcc", "uncoupled_mcc", "dead_fraction"].flatMap((measure) =>
    SHOWN.slice(1).map((arm): [string, Comparison] => [
      `${measure}.${arm}.${support}`,
      compared(measure, support, arm),
    ]),
  ),
  [
    `correlation.${support}`,
    { measure: "agreement_truth_correlation", arm: `none.${support}`, with: 0 },
  ],
];
/** Every coupled setting, compared with no coupling. */
export const settings = (measure: string) =>
  SUPPORTS.flatMap((support) => COUPLED.map((arm) => compared(measure, support, arm)));
