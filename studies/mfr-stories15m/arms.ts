/** What is compared: MFR by hook and weight, against uncoupled SAEs. */

import type { Arm, Comparison } from "../../src/index.ts";

/** The other weight brings the coupling nearer to the squared error, from above and from below. */
export const HOOKS = [
  { name: "blocks.0.hook_mlp_out", short: "mlp", weights: ["0.005", "0.0005"] },
  { name: "blocks.3.hook_resid_post", short: "resid", weights: ["0.005", "0.05"] },
] as const;
const OFF = ["coupling.weight=0", "reinitialise=false"];
const ALONE = "population.independent=0";
const AUX_K = "population.aux_k={dead_after_tokens: 50000}";
const CALIBRATED = ["coupling.weight=0", "reinitialise.target=calibrated", "training.epochs=0.1"];

function armsOf({ name, short, weights }: (typeof HOOKS)[number]): [string, Arm][] {
  const baseline = `none.${short}`;
  const arm = (key: string, title: string, settings: string[], more: Partial<Arm> = {}) =>
    [
      `${key}.${short}`,
      { title, settings: [...settings, `source.hook=${name}`], baseline, ...more },
    ] as [string, Arm];
  return [
    arm("none", "no coupling", OFF),
    arm("none-long", "no coupling, longer", [...OFF, ALONE], {
      computeOf: [`mfr-${weights[0]}.${short}`],
    }),
    arm("auxk", "AuxK, no coupling", [...OFF, ALONE, AUX_K]),
    ...weights.map((w) => arm(`mfr-${w}`, `MFR ${w}`, [`coupling.weight=${w}`, ALONE])),
    arm("calibrated", "calibrated rule, no penalty", [...CALIBRATED, ALONE]),
  ];
}

export const arms: Readonly<Record<string, Arm>> = Object.fromEntries(HOOKS.flatMap(armsOf));

/** The arms with a coupling. */
export const coupledArms = HOOKS.flatMap(({ short, weights }) =>
  weights.map((w) => ({ arm: `mfr-${w}.${short}`, short, key: `${short}-${w}` })),
);
/** A comparison of held-out FVU, as a relative change. */
export const fvu = (arm: string, against: string): Comparison => ({
  measure: "fvu",
  arm,
  against,
  as: "change",
});
export const equalSteps = coupledArms.map(({ arm, short }) => fvu(arm, `none.${short}`));
export const equalCompute = coupledArms.map(({ arm, short }) => fvu(arm, `none-long.${short}`));
