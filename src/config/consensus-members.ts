/** @file Whether the members of a config can have the consensus that it asks for. */

import { ConfigError } from "../errors.ts";
import { memberCount, plannedMembers } from "./members.ts";
import type { Config } from "./schema.ts";

/**
 * @param where Names the place in messages.
 * @throws {ConfigError} for fewer members than a latent must be in, and for members that select
 *   latents differently: their average would be neither.
 */
export function requireConsensusMembers(
  { consensus, population, seed }: Pick<Config, "consensus" | "population" | "seed">,
  where: string,
): void {
  if (consensus === undefined) return;
  const count = memberCount(population) - population.independent;
  const { minMembers } = consensus;
  if (count < minMembers)
    throw new ConfigError(
      `${where}: consensus.min_members is ${minMembers}, but the population has ${count === 1 ? "one member" : `${count} members`} beside independent ones.`,
      { hint: `Set population.members to ${minMembers} or more.` },
    );
  // Of members, only what a person gave is looked at, which the width of rows does not decide.
  const members = plannedMembers(population, { dIn: 1, seed, totalSteps: 1 });
  const selections = members
    .filter(({ coupled }) => coupled)
    .map(({ architecture, options }) =>
      [architecture.name, options["k"] === undefined ? "" : `with k ${options["k"]}`]
        .join(" ")
        .trim(),
    );
  const other = selections.find((one) => one !== selections[0]);
  if (other !== undefined)
    throw new ConfigError(
      `${where}: consensus needs members of one architecture and one k, but found ${selections[0]} and ${other}.`,
      { hint: "Make runs of them instead of members: list the values under sweep." },
    );
}
