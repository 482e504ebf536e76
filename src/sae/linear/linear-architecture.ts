/** @file An architecture whose SAEs the fused step trains. */

import type { Architecture, OptionRecord, SaeShape } from "../architecture.ts";
import type { Options, OptionValues } from "../options.ts";
import {
  COMMON_DEFAULTS,
  COMMON_OPTIONS,
  commonSpec,
  UNTIED_DEFAULTS,
  UNTIED_OPTIONS,
} from "./common-options.ts";
import { LinearTrainable } from "./linear-trainable.ts";
import type { LinearSpec } from "./spec.ts";
import { startingWeights } from "./start-from.ts";

/** Values of all options of an architecture. */
export type Resolved<O extends Options> = {
  readonly [K in keyof OptionValues<O>]-?: Exclude<OptionValues<O>[K], undefined>;
};

/** What a file in `architectures/` says of its architecture. */
export interface LinearDefinition<O extends Options>
  extends Omit<Architecture, "create" | "startingWeights" | "check" | "defaults" | "options"> {
  /** Options of its own, beside those that all linear architectures have. */
  readonly options: O;
  /** One matrix encodes and decodes. Default false. */
  readonly isTied?: boolean;
  defaults(shape: SaeShape): Resolved<O>;
  /** @throws {ConcordError} "argument/invalid" naming the option that does not fit. */
  spec(options: Resolved<O>, shape: SaeShape): LinearSpec;
}

/** An architecture that the fused step trains. */
export interface LinearArchitecture<O extends Options = Options> extends Architecture {
  readonly options: O;
  /** What the fused step makes of resolved options. */
  spec(options: OptionRecord, shape: SaeShape): LinearSpec;
}

/** Completes a definition with what all linear architectures have in common. */
export function linearArchitecture<const O extends Options>(
  definition: LinearDefinition<O>,
): LinearArchitecture<O & typeof COMMON_OPTIONS & typeof UNTIED_OPTIONS> {
  const untied = definition.isTied !== true;
  const spec = (options: OptionRecord, shape: SaeShape): LinearSpec => ({
    ...definition.spec(options as Resolved<O>, shape),
    ...commonSpec(options),
  });
  return {
    ...definition,
    options: {
      ...definition.options,
      ...COMMON_OPTIONS,
      ...(untied ? UNTIED_OPTIONS : ({} as typeof UNTIED_OPTIONS)),
    },
    defaults: (shape) => ({
      ...definition.defaults(shape),
      ...COMMON_DEFAULTS,
      ...(untied ? UNTIED_DEFAULTS : {}),
    }),
    spec,
    check(options, shape) {
      spec(options, shape);
    },
    create(context, { dSae, options, adam }) {
      const shape = { dIn: context.dIn, dSae };
      return new LinearTrainable(context, { dSae, adam, spec: spec(options, shape) });
    },
    startingWeights(folder, sae, { options, ...request }) {
      const shape = { dIn: sae.dIn, dSae: request.dSae };
      return startingWeights(folder, sae, { ...request, spec: spec(options, shape) });
    },
  };
}
