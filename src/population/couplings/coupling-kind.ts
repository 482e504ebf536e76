/** @file What a coupling tells of itself: its name, its keys in a config, and how it is made. */

import type { z } from "zod";
import type { CamelKeys } from "../../formats/key-case.ts";
import type { Population } from "../population.ts";
import type { Coupling } from "./coupling.ts";

/** What a run decides of a coupling beside its options. */
export interface CouplingContext {
  /** Indices of the members that take part, ascending; at least two. */
  readonly coupled: readonly number[];
  /** Of everything that the coupling draws. */
  readonly seed: number;
}

/** A kind of coupling; `S` has a literal `kind`, which names it in configs. */
export interface CouplingKind<S extends z.ZodObject = z.ZodObject> {
  /** What reports call it. */
  readonly title: string;
  /** Its keys, snake_case, each with a description; `docs/config.md` is made from them. */
  readonly schema: S;
  /** Made of options that the schema has checked. It allocates, and draws nothing. */
  create(
    population: Population,
    options: CamelKeys<z.output<S>>,
    context: CouplingContext,
  ): Coupling;
}

/** A kind of coupling with the types of its own keys. */
export function couplingKind<S extends z.ZodObject>(kind: CouplingKind<S>): CouplingKind<S> {
  return kind;
}
