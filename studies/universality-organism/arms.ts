/** @file The arms of the study: populations, checkpoints of four of them, and what all share. */

import type { Arm } from "../../src/index.ts";
import { TIERS } from "./frequency.ts";
import { atStep, CURVES, SETTINGS, SHOWN, TOGETHER, UNEVEN } from "./settings.ts";

const populations = Object.entries(SETTINGS).map(([name, { title }]): [string, Arm] => [
  name,
  { title },
]);

const checkpoints = Object.entries(CURVES).flatMap(([curve, { title }]) =>
  SHOWN.map((step): [string, Arm] => [
    atStep(curve, step),
    { title: `${title}, ${step} steps`, baseline: curve },
  ]),
);

const tiers = Object.keys(UNEVEN).flatMap((name) =>
  TIERS.map((tier): [string, Arm] => [`${name}.${tier}`, { title: `${tier} latents` }]),
);

export const arms: Readonly<Record<string, Arm>> = {
  ...Object.fromEntries(populations),
  [TOGETHER]: { title: "nine settings together" },
  ...Object.fromEntries(tiers),
  ...Object.fromEntries(checkpoints),
};
