/** @file What is compared on the page on synthetic data. */

import type { Arm, Experiment } from "./arm-runs.ts";

export const experiment: Experiment = {
  config: "mfr/synthetic",
  name: "mfr-synthetic",
  settings: [
    "training.batch=1000",
    "source.generation_batch=100000",
    "training.log_every=50",
    "training.checkpoint_every=5000",
    "training.keep_checkpoints=1",
  ],
};

const OFF = "reinitialise=false";
const PAIR = "population.independent=0";

/** The arms of one kind of support, the one that all are compared with first. */
function armsOf(support: string) {
  const arm = (name: string, title: string, ...settings: string[]): Arm => ({
    name: `${name}.${support}`,
    title,
    settings: [...settings, `source.support=${support}`],
  });
  const none = arm("none", "none", "coupling.weight=0", OFF, "population.independent=1");
  const light = arm("penalty-0.3", "penalty 0.3", "coupling.weight=0.3", OFF, PAIR);
  const penalty = arm("penalty-3", "penalty 3", "coupling.weight=3", OFF, PAIR);
  const reinit = arm("reinit", "reinitialisation", "coupling.weight=0", PAIR);
  const bothLight = arm("both-0.3", "both (penalty 0.3)", "coupling.weight=0.3", PAIR);
  const both = arm("both-3", "both (penalty 3)", "coupling.weight=3", PAIR);
  const dead = "population.aux_k={dead_after_tokens: 50000}";
  const auxk = arm("auxk", "AuxK", "coupling.weight=0", OFF, PAIR, dead);
  // The first member of the uncoupled arm, for longer.
  const alone = ["population.members=1", "training.steps=10000"];
  const long: Arm = {
    ...arm("none-long", "none, longer", "coupling.weight=0", OFF, PAIR, ...alone),
    seeds: [10],
  };
  // Those that restarts keep from being done after as many steps as the others.
  const longer = "training.steps=15000";
  const lasting = [
    arm("reinit-long", "reinitialisation", "coupling.weight=0", PAIR, longer),
    arm("both-3-long", "both (penalty 3)", "coupling.weight=3", PAIR, longer),
  ];
  return { none, light, penalty, reinit, bothLight, both, auxk, long, lasting };
}

export const SUPPORTS = [
  {
    name: "per_sample",
    title: "Every row draws its own features",
    arms: armsOf("per_sample"),
  },
  {
    name: "per_batch_group",
    title: "Rows of a group share their features (as published)",
    arms: armsOf("per_batch_group"),
  },
] as const;

/** Arms that are trained on where the curves are not flat, by the name of the support. */
export const lastingArms = ({ name, arms }: Support): Arm[] =>
  name === "per_batch_group" ? arms.lasting : [];

export type Support = (typeof SUPPORTS)[number];

/** In the order of tables, the arm first that all are compared with. */
export function allArms({ arms: a }: Support): Arm[] {
  return [a.none, a.light, a.penalty, a.reinit, a.bothLight, a.both, a.auxk];
}

export function coupledArms({ arms: a }: Support): Arm[] {
  return [a.light, a.penalty, a.bothLight, a.both];
}
