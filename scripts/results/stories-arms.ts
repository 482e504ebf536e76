/** @file What is compared on the page on a language model. */

import type { Arm, Experiment } from "./arm-runs.ts";

export const experiment: Experiment = {
  config: "mfr/stories15m",
  name: "mfr-stories15m",
  settings: [
    "population.members=4",
    "training.log_every=10",
    "training.checkpoint_every=10000",
    "training.keep_checkpoints=1",
  ],
};

/** Passes over the text of every arm but the longer one. */
export const EPOCHS = 4;
/** What the paper reports for GPT-2 small: the loss falls by up to this much. */
export const PUBLISHED = 0.2121;

const OFF = ["coupling.weight=0", "reinitialise=false"];

function armsOf(hook: string, short: string, otherWeight: string) {
  const arm = (name: string, title: string, ...settings: string[]): Arm => ({
    name: `${name}.${short}`,
    title,
    settings: [...settings, `source.hook=${hook}`],
  });
  const mfr = (weight: string) =>
    arm(`mfr-${weight}`, `MFR ${weight}`, `coupling.weight=${weight}`, "population.independent=0");
  return {
    none: arm("none", "none", ...OFF),
    published: mfr("0.005"),
    other: mfr(otherWeight),
    auxk: arm(
      "auxk",
      "AuxK, no coupling",
      ...OFF,
      "population.independent=0",
      "population.aux_k={dead_after_tokens: 50000}",
    ),
    longer: (epochs: number) =>
      arm(
        "none-long",
        "none, longer",
        ...OFF,
        "population.independent=0",
        `training.epochs=${epochs}`,
      ),
    calibrated: arm(
      "calibrated",
      "calibrated rule, no penalty",
      "coupling.weight=0",
      "reinitialise.target=calibrated",
      "population.independent=0",
      "training.epochs=0.1",
    ),
  };
}

/**
 * The other weight brings the coupling nearer to the size of the squared error, from above and from
 * below.
 */
export const HOOKS = [
  {
    name: "blocks.0.hook_mlp_out",
    title: "Output of the first MLP (as in the paper)",
    short: "mlp",
    otherWeight: "0.0005",
  },
  {
    name: "blocks.3.hook_resid_post",
    title: "A middle residual stream",
    short: "resid",
    otherWeight: "0.05",
  },
].map((hook) => ({ ...hook, arms: armsOf(hook.name, hook.short, hook.otherWeight) }));

export type Hook = (typeof HOOKS)[number];

export function coupledArms({ arms }: Hook): Arm[] {
  return [arms.published, arms.other];
}
