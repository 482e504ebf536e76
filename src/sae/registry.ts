/** @file The architectures by name. */

import { expected } from "../errors.ts";
import type { Architecture, SaeShape } from "./architecture.ts";
import { archetypal } from "./architectures/archetypal.ts";
import { batchTopk } from "./architectures/batch-topk.ts";
import { equivariant } from "./architectures/equivariant.ts";
import { gated } from "./architectures/gated.ts";
import { groupCrosscoder } from "./architectures/group-crosscoder.ts";
import { jumpRelu } from "./architectures/jumprelu.ts";
import { lista } from "./architectures/lista.ts";
import { matryoshka } from "./architectures/matryoshka.ts";
import { positiveTiedRelu } from "./architectures/positive-tied-relu.ts";
import { relu } from "./architectures/relu.ts";
import { tiedFree } from "./architectures/tied-free.ts";
import { tiedRelu } from "./architectures/tied-relu.ts";
import { tiedReverse } from "./architectures/tied-reverse.ts";
import { tiedThresholding } from "./architectures/tied-thresholding.ts";
import { tiedTopk } from "./architectures/tied-topk.ts";
import { topk } from "./architectures/topk.ts";
import { topkMlp } from "./architectures/topk-mlp.ts";
import type { Options, OptionValues } from "./options.ts";

const ALL = [
  topk,
  tiedTopk,
  batchTopk,
  matryoshka,
  relu,
  tiedRelu,
  positiveTiedRelu,
  tiedReverse,
  tiedFree,
  tiedThresholding,
  jumpRelu,
  gated,
  lista,
  topkMlp,
  equivariant,
  archetypal,
  groupCrosscoder,
] as const;

/** All of them, the default first. */
export const ARCHITECTURES: readonly Architecture[] = ALL;

/** The name of the architecture that a config gets when it names none. */
export const DEFAULT_ARCHITECTURE: string = ARCHITECTURES[0]!.name;

type Intersection<Union> = (Union extends unknown ? (one: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;

/** Of each architecture, what a person may give for its options. */
type ValuesOf<A> = A extends { readonly options: infer O extends Options }
  ? OptionValues<O>
  : never;

/**
 * Shape and options of an SAE of any architecture. What is left out has the architecture's default,
 * which docs/config.md lists; what an architecture does not listen to is ignored.
 */
export type ArchitectureOptions = SaeShape & Intersection<ValuesOf<(typeof ALL)[number]>>;

/** @throws {ConcordError} listing the names that exist. */
export function architectureNamed(name: string): Architecture {
  const found = ARCHITECTURES.find((a) => a.name === name);
  if (!found) throw expected("architecture", ARCHITECTURES.map((a) => a.name).join(", "), name);
  return found;
}

/** An option of some architectures. */
export interface KnownOption {
  readonly option: Options[string];
  /** The architectures that listen to it. */
  readonly architectures: readonly Architecture[];
}

/** Every option of any architecture, in the order of the architectures. */
export function knownOptions(): ReadonlyMap<string, KnownOption> {
  const known = new Map<string, KnownOption>();
  for (const architecture of ARCHITECTURES)
    for (const [name, option] of Object.entries(architecture.options)) {
      const before = known.get(name);
      const architectures = [...(before?.architectures ?? []), architecture];
      known.set(name, { option: before?.option ?? option, architectures });
    }
  return known;
}
