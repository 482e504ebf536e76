/** @file `source.orbit`: that rows come in whole orbits of a group, and how it acts on them. */

import { z } from "zod";
import type { CamelKeys } from "../../formats/key-case.ts";
import { type FiniteGroup, finiteGroup } from "../../symmetry/group.ts";
import { GROUP_NAMES, groupNamed } from "../../symmetry/named-groups.ts";

const positiveInteger = z.int().min(1);

/** The section of a source whose rows lie in files. */
export const orbitKeys = z
  .strictObject({
    group: z
      .string()
      .describe(
        `The group that made the poses: ${GROUP_NAMES}; or a name of your own, with generators`,
      ),
    generators: z
      .record(z.string(), z.array(z.int().min(0)).min(1))
      .optional()
      .describe(
        "Generators of a group of your own as permutations of 0 … n − 1, by name. Poses are in the order that concord symmetry lists",
      ),
    action: z
      .string()
      .default("fitted")
      .describe(
        "Matrices that take the canonical row to each pose: fitted on training orbits, or a .npy file with one for each pose or each generator, relative to the config file",
      ),
    method: z
      .enum(["least_squares", "adam"])
      .default("least_squares")
      .describe("How matrices are fitted"),
    of: z
      .enum(["generators", "elements"])
      .default("generators")
      .describe(
        "What has a matrix of its own: generators, whose products are the others, or each pose",
      ),
    train_on_all_k: z
      .boolean()
      .default(true)
      .describe("Whether matrices are fitted from all poses, or from the canonical one alone"),
    epochs: positiveInteger.default(150).describe("Passes over the orbits; adam only"),
    learning_rate: z.number().gt(0).default(1e-3).describe("Rate of adam"),
    orbits: positiveInteger
      .default(4096)
      .describe("Training orbits that matrices are fitted on, at most"),
  })
  .optional()
  .describe("Rows are whole orbits of a group, the canonical pose first, and stay together");

/** The section as a program has it. */
export type OrbitConfig = CamelKeys<NonNullable<z.output<typeof orbitKeys>>>;

/**
 * The group of a config.
 *
 * @throws {ConcordError} "argument/invalid" when it is not known, or its generators do not close.
 */
export function groupOf({
  group,
  generators,
}: Pick<OrbitConfig, "group" | "generators">): FiniteGroup {
  if (!generators) return groupNamed(group);
  const given = Object.entries(generators as Readonly<Record<string, readonly number[]>>);
  return finiteGroup(
    group,
    given.map(([name, permutation]) => ({ name, permutation })),
  );
}
