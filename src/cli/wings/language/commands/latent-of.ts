/** @file Which latent of which SAE a command line means. */

import { ConfigError } from "../../../../errors.ts";
import type { FoundSae } from "../../../../experiments/compare/find-saes.ts";

/** `member-1:232`, or `232` of the only SAE or the first of several. */
export function parseLatent(text: string): { member: string | undefined; latent: number } {
  const [, member, number] = /^(?:(.+):)?(\d+)$/.exec(text) ?? [];
  if (number === undefined)
    throw new ConfigError(`Expected the number of a latent but received "${text}".`, {
      hint: "As 232, or member-1:232.",
    });
  return { member, latent: Number(number) };
}

/**
 * The SAE that is meant: the named member, or of a run that made a consensus as well, the first
 * member.
 *
 * @throws {ConfigError} listing the members.
 */
export function memberOf(
  found: readonly FoundSae[],
  member: string | undefined,
  name: string,
): FoundSae {
  const named = (asked: string) =>
    found.find((one) => one.name === asked || one.name.endsWith(`/${asked}`));
  const wanted = member === undefined ? (named("member-0") ?? found[0]) : named(member);
  if (!wanted)
    throw new ConfigError(`${name} has no member "${member}".`, {
      hint: `Members: ${found.map((one) => one.name).join(", ")}.`,
    });
  return wanted;
}
