/** @file SAEs of the fused step by the name and options of their architecture, for tests. */

import type { MemberSettings } from "../../src/population/population.ts";
import { type OptionRecord, resolveOptions, type SaeShape } from "../../src/sae/architecture.ts";
import type { LinearArchitecture } from "../../src/sae/linear/linear-architecture.ts";
import { LinearTrainable } from "../../src/sae/linear/linear-trainable.ts";
import type { Member } from "../../src/sae/linear/member.ts";
import type { LinearSpec } from "../../src/sae/linear/spec.ts";
import { type ArchitectureOptions, architectureNamed } from "../../src/sae/registry.ts";
import type { Trainable } from "../../src/sae/trainable.ts";

/** What the fused step is told of an architecture with these options, defaults filled in. */
export function linearSpec(name: string, given: ArchitectureOptions): LinearSpec {
  const architecture = architectureNamed(name) as LinearArchitecture;
  const shape: SaeShape = given;
  const options = resolveOptions(architecture, { ...given } as OptionRecord, shape);
  return architecture.spec(options, shape);
}

/** A member of a population that the fused step trains. */
export function linearMember(
  options: Omit<MemberSettings, "create" | "lr"> & {
    readonly dSae: number;
    readonly spec: LinearSpec;
    readonly adam: { lr: number; beta1: number; beta2: number; eps: number };
  },
): MemberSettings {
  const { name, seed, schedule, adam } = options;
  return {
    name,
    seed,
    schedule,
    lr: adam.lr,
    create: (context) => new LinearTrainable(context, options),
  };
}

/** The fused step's view of a population's member. */
export function linearOf({ sae }: { readonly sae: Trainable }): Member {
  return (sae as LinearTrainable).member;
}
