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
const COUPLINGS = [mfr, correlated, teacher, frequency] as const;

/** The schemas of some kinds, each with what it makes of its keys. */
type SchemasOf<Kinds extends readonly { readonly schema: z.ZodObject }[]> = {
  [I in keyof Kinds]: Kinds[I]["schema"];
};

const schemas = COUPLINGS.map(({ schema }) => schema) as unknown as SchemasOf<typeof COUPLINGS>;

/** The `coupling` of a config: keys by kind. */
export const couplingSchema = z.discriminatedUnion("kind", schemas);

/** A validated coupling of a config. */
export type CouplingConfig = CamelKeys<z.output<typeof couplingSchema>>;

/** The kind of that name in configs; undefined where there is none. */
function kindNamed(name: string) {
  return COUPLINGS.find(({ schema }) => schema.shape.kind.safeParse(name).success);
}

/** What reports call a kind; its own name where it is not known. */
export function couplingTitle(kind: string): string {
  return kindNamed(kind)?.title ?? kind;
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
    const kind = kindNamed(config.kind) as CouplingKind;
    terms.push(kind.create(population, options as never, context));
  }
  if (apart !== false) terms.push(new AtomsApart(population, apart, context.coupled));
  return terms.length > 1 ? new SumOfCouplings(terms) : terms[0];
}
