/** @file A population in one call, for programs: members of one kind that differ by their seeds. */

import type { Backend } from "../backend/backend.ts";
import type { Dictionary } from "../consistency/matching/dictionary.ts";
import { expected } from "../errors.ts";
import { resolveOptions } from "../sae/architecture.ts";
import {
  type ArchitectureOptions,
  architectureNamed,
  DEFAULT_ARCHITECTURE,
} from "../sae/registry.ts";
import type { Symmetry } from "../sources/symmetry.ts";
import {
  allocatePopulation,
  initialisePopulation,
  type MemberSettings,
  type Population,
} from "./population.ts";

/** The members' architecture and seeds, and the batches that they are fed. */
export type PopulationOptions = ArchitectureOptions & {
  /** Name of an architecture; default `topk`. */
  readonly architecture?: string;
  /** One member for each. */
  readonly seeds: readonly number[];
  /** Activations in a step. */
  readonly batch: number;
  /** Default by architecture. */
  readonly lr?: number;
  /** Steps of linear warm-up. Default 0. */
  readonly warmupSteps?: number;
  /** That of the source, where its rows come in whole orbits. */
  readonly symmetry?: Symmetry | undefined;
};

/**
 * A population with its starting weights drawn, ready for `trainPopulation`. Adam has PyTorch's
 * defaults (0.9, 0.999, 1e-8).
 *
 * @throws {ConcordError} "argument/invalid" naming the option that does not fit.
 * @example await createPopulation(backend, { dIn: 768, dSae: 3072, k: 32, seeds: [0, 1, 2], batch:
 *   4096 })
 */
export async function createPopulation(
  backend: Backend,
  options: PopulationOptions,
): Promise<Population> {
  const { dIn, dSae, batch, seeds, warmupSteps = 0, symmetry } = options;
  for (const [name, value] of Object.entries({ dIn, dSae, batch }))
    if (!Number.isSafeInteger(value) || value < 1)
      throw expected(name, "a positive integer", value);
  if (!Number.isSafeInteger(warmupSteps) || warmupSteps < 0)
    throw expected("warmupSteps", "an integer of at least 0", warmupSteps);
  if (seeds.length === 0 || seeds.some((s) => !Number.isSafeInteger(s) || s < 0))
    throw expected("seeds", "a list of integers of at least 0, one a member", seeds);
  const architecture = architectureNamed(options.architecture ?? DEFAULT_ARCHITECTURE);
  const lr = options.lr ?? architecture.defaultLr(options);
  if (!(lr > 0 && lr < Number.POSITIVE_INFINITY)) throw expected("lr", "a number above 0", lr);
  const settings = {
    dSae,
    options: resolveOptions(architecture, { ...options }, { dIn, dSae }),
    adam: { beta1: 0.9, beta2: 0.999, eps: 1e-8 },
  };
  const members = seeds.map(
    (seed): MemberSettings => ({
      name: `seed-${seed}`,
      seed,
      lr,
      schedule: { warmupSteps, decayStart: undefined },
      create: (context) => architecture.create(context, settings),
    }),
  );
  const population = allocatePopulation(backend, { dIn, batch, members, symmetry });
  await initialisePopulation(population);
  return population;
}

/** The members' decoders, for comparison; they share the members' memory. */
export function dictionariesOf(population: Population): Dictionary[] {
  return population.members.map(({ sae }) => sae.dictionary());
}
