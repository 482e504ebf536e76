/** @file The arms of the study: every SAE that is compared, in every world that has it. */

import type { Arm } from "../../src/index.ts";
import { MEMBERS, TIED, WORLDS, type WorldName } from "./worlds.ts";

/** In every world. */
const CORE = {
  members: `one of ${MEMBERS} members (mean)`,
  best: "the member with the lowest FVU",
  long: "one member, as long as all",
  filled: "consensus of four, filled",
  "least-2": "consensus: in two or more",
  "least-3": "consensus: in three or more",
} as const;

/** What else the compute could buy. */
const RIVALS = {
  "member-on": "a member, trained on",
  "member-free": "a member, trained on untied",
  "member-refit": "a member, encoder trained on",
  "filled-on": "consensus, all trained on",
  bag: `bag of ${MEMBERS} members`,
  "of-2": "consensus of two members, filled",
  "of-3": "consensus of three, filled",
  pooled: "pooled: every latent once",
  wide: `one SAE, ${MEMBERS} times as wide`,
  boost: "boosting, 4 stages of a member's size",
  "boost-narrow": "boosting, 4 stages of a quarter",
  "bag-narrow": `bag of ${MEMBERS} SAEs of a quarter`,
} as const;

/** Where members are tied: the encoders of refits are not. */
const UNTIED = { "long-untied": "an untied one, as long as all" } as const;

/** Where a second population is trained. */
const LONGER = {
  "members-long": `one member, ${MEMBERS} times as long`,
  "long-least-3": "consensus of four such members: in three or more",
} as const;

/** The arms of a world by their short names. */
export function armsOf(world: WorldName): Record<string, string> {
  const { rivals, longer, architecture } = WORLDS[world];
  return {
    ...CORE,
    ...(rivals ? RIVALS : {}),
    ...(rivals && architecture === TIED ? UNTIED : {}),
    ...(longer ? LONGER : {}),
  };
}

/** The arms of some worlds. */
export function armsIn(worlds: readonly WorldName[]): Record<string, Arm> {
  return Object.fromEntries(
    worlds.flatMap((world) =>
      Object.entries(armsOf(world)).map(([name, title]): [string, Arm] => [
        `${world}.${name}`,
        { title, baseline: `${world}.members` },
      ]),
    ),
  );
}
