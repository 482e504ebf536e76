/** What is compared, in every world and for both lengths of training. */

import type { Arm } from "../../src/index.ts";
import { LENGTHS, type Length, SPARSITIES, WORLD_NAMES, WORLDS, type WorldName } from "./worlds.ts";

/** An arm before it has a world. */
interface Setting {
  readonly title: string;
  /** What it is compared with. */
  readonly baseline: string;
  readonly settings: (world: WorldName) => readonly string[];
}

const OFF = ["coupling.weight=0"];
/** Two SAEs outside every coupling, whose seeds no arm has: they judge all others. */
const JUDGES = "population.overrides=[{}, {}, {seed: 1000}, {seed: 1001}]";

const setting = (title: string, settings: readonly string[], baseline = "none"): Setting => ({
  title,
  baseline,
  settings: () => settings,
});

const KIND = "coupling.kind=";

/** All arms by name, the baseline first. */
export const SETTINGS: Readonly<Record<string, Setting>> = {
  none: setting("no coupling", [...OFF, "population.independent=2", JUDGES]),
  published: {
    title: "MFR, published",
    baseline: "none",
    settings: (world) => [`coupling.weight=${WORLDS[world].published}`],
  },
  mfr: setting("MFR", []),
  correlated: setting("correlated latents only", [`${KIND}correlated`]),
  "one-way": setting("one-way teacher", [
    `${KIND}teacher`,
    "coupling.direction=one_way",
    "coupling.momentum=0",
  ]),
  ema: setting("averaged teachers", [`${KIND}teacher`, "coupling.momentum=0.99"]),
  annealed: setting("MFR, annealed to zero", ["coupling.anneal={start: 0.2, end: 0.6}"]),
  frequency: setting("weighted by frequency", [`${KIND}frequency`]),
  apart: setting("MFR and atoms apart", ["coupling.apart={weight: 1, above: 0.5}"]),
  decay: {
    title: "weight decay",
    baseline: "none",
    settings: (world) => [...OFF, `population.weight_decay=${WORLDS[world].decay}`],
  },
  untied: setting("untied, no coupling", [...OFF, "population.architecture=topk"]),
  aligned: setting(
    "aligned, untied",
    [...OFF, "population.architecture=topk", "population.aligned=true"],
    "untied",
  ),
  consensus: setting("consensus of four", [
    ...OFF,
    "population.members=4",
    "consensus={fill: true, refit_steps: 500}",
  ]),
};

/** The arms that might earn being a default, each compared with its baseline. */
export const CANDIDATES = Object.keys(SETTINGS).filter(
  (name) => !["none", "untied"].includes(name),
);

/** Of MFR the published weight is another arm only where it differs. */
export function armsOf(world: WorldName): string[] {
  return Object.keys(SETTINGS).filter((name) => name !== "published" || world !== "stories");
}

export const armName = (arm: string, world: string, length: Length) => `${arm}.${world}.${length}`;

function arm(name: string, world: WorldName, length: Length): [string, Arm] {
  const { title, baseline, settings } = SETTINGS[name]!;
  const { config, settings: own, lengths } = WORLDS[world];
  return [
    armName(name, world, length),
    {
      title,
      config,
      settings: [...own, ...lengths[length], ...settings(world)],
      baseline: armName(baseline, world, length),
    },
  ];
}

/** The mean of an arm over the sparsities. */
function meanArm(name: string, length: Length): [string, Arm] {
  const { title, baseline } = SETTINGS[name]!;
  const meanOf = SPARSITIES.map((world) => armName(name, world, length));
  return [
    armName(name, "synthetic", length),
    { title, meanOf, baseline: armName(baseline, "synthetic", length) },
  ];
}

/** The baseline, trained for twice as long as what counts as convergence. */
function longer(world: WorldName): [string, Arm] {
  const { config, settings, longer } = WORLDS[world];
  return [
    `none.${world}.longer`,
    {
      title: "no coupling, twice as long",
      config,
      seeds: [10],
      settings: [...settings, ...longer, ...OFF],
      baseline: armName("none", world, "long"),
    },
  ];
}

export const arms: Readonly<Record<string, Arm>> = Object.fromEntries([
  ...LENGTHS.flatMap((length) => [
    ...WORLD_NAMES.flatMap((world) => armsOf(world).map((name) => arm(name, world, length))),
    ...Object.keys(SETTINGS).map((name) => meanArm(name, length)),
  ]),
  ...WORLD_NAMES.map(longer),
]);
