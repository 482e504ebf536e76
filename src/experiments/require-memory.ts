/**
 * @file Populations that no machine like this one holds are refused before anything is made of
 *   them.
 */

import { memberCount } from "../config/members.ts";
import type { Config } from "../config/schema.ts";
import { ConfigError } from "../errors.ts";

/** What a process may take here, bytes. */
export interface MemoryLimits {
  /** Of the machine, or of the container. */
  readonly machine: number;
  /** Of JavaScript's own objects. */
  readonly heap: number;
}

/** The least memory of a member's objects, without its arrays. */
const MEMBER_OBJECT_BYTES = 8 * 1024;

/** The decoder and its two moments. */
const ARRAYS = 3;

function gib(bytes: number): string {
  return `${Number((bytes / 2 ** 30).toPrecision(3))} GiB`;
}

/** What `d_in` is as far as the config says; at least 1. */
function knownWidth({ source }: Config): number {
  return "dIn" in source ? (source.dIn ?? 1) : 1;
}

/**
 * Compares the least that a config's members can take with what there is: arithmetic alone,
 * whatever the number of members.
 *
 * @param dIn Width of the activations, once it is known.
 * @throws {ConfigError} naming members and memory.
 */
export function requireMemory(
  config: Config,
  limits: MemoryLimits,
  dIn = knownWidth(config),
): void {
  const count = memberCount(config.population);
  const sizes = [config.population.d_sae].flat();
  const arrays = count * ARRAYS * 4 * Math.min(...sizes) * dIn;
  const objects = count * MEMBER_OBJECT_BYTES;
  const [needed, limit] =
    objects > limits.heap ? [objects, limits.heap] : [objects + arrays, limits.machine];
  if (needed <= limit) return;
  throw new ConfigError(
    `The population has ${count} members, which take at least ${gib(needed)} of memory; there are ${gib(limit)} here.`,
    { hint: "Lower population.members, population.d_sae, or the lists that make members." },
  );
}
