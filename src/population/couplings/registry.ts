/** @file The kinds of coupling, and the coupling that a config describes. */

import { z } from "zod";
import type { CamelKeys } from "../../formats/key-case.ts";
import type { Population } from "../population.ts";
import { AtomsApart } from "./apart.ts";
import { correlated } from "./correlated.ts";
import type { Coupling } from "./coupling.ts";
import type { CouplingContext, CouplingKind } from "./coupling-kind.ts";
import { frequency } from "./frequency.ts";
import { mfr } from "./mfr.ts";
import { SumOfCouplings } from "./sum-of-couplings.ts";
import { teacher } from "./teacher.ts";

/** All kinds, the default first. */
export const COUPLINGS = [mfr, correlated, teacher, frequency] as const;

/** The `coupling` of a config: keys by kind. */
export const couplingSchema = z.discriminatedUnion("kind", [
  mfr.schema,
  correlated.schema,
  teacher.schema,
  frequency.schema,
]);

/** A validated coupling of a config. */
export type CouplingConfig = CamelKeys<z.output<typeof couplingSchema>>;

/** What reports call a kind; its own name where it is not known. */
export function couplingTitle(kind: string): string {
  return COUPLINGS.find(({ schema }) => schema.shape.kind.safeParse(kind).success)?.title ?? kind;
}

/** Whether a config has a term that needs two members. */
export function pullsMembers({ weight }: Pick<CouplingConfig, "weight">): boolean {
  return weight > 0;
}

/**
 * The coupling of a config: its kind, where its weight is above zero, and the term that keeps atoms
 * apart, where it has one.
 *
 * @returns undefined where neither is there.
 */
export function createCoupling(
  population: Population,
  config: CouplingConfig,
  context: CouplingContext,
): Coupling | undefined {
  const { apart, ...options } = config;
  const terms: Coupling[] = [];
  if (config.weight > 0) {
    const kind = COUPLINGS.find(({ schema }) => schema.shape.kind.safeParse(config.kind).success)!;
    terms.push((kind as CouplingKind).create(population, options as never, context));
  }
  if (apart !== false) terms.push(new AtomsApart(population, apart, context.coupled));
  return terms.length > 1 ? new SumOfCouplings(terms) : terms[0];
}
