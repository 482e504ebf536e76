/** @file An architecture whose SAEs are recorded on a tape. */

import { ConcordError } from "../../errors.ts";
import type { Architecture, SaeShape } from "../architecture.ts";
import type { Resolved } from "../linear/linear-architecture.ts";
import type { Options } from "../options.ts";
import type { TapeInputs, TapeModel, TapeStart } from "./model.ts";
import { TapeTrainable, type TapeTrainableOptions } from "./tape-trainable.ts";

/** What is said of an architecture on a tape. */
export interface TapeDefinition<O extends Options>
  extends Omit<
    Architecture,
    "create" | "startingWeights" | "check" | "defaults" | "options" | "defaultLr" | "defaultLrText"
  > {
  readonly options: O;
  defaults(shape: SaeShape): Resolved<O>;
  /** Learning rate when none is given. Default 1e-3. */
  readonly lr?: number;
  /** @throws {ConcordError} "argument/invalid" naming the option that does not fit. */
  check?(options: Resolved<O>, shape: SaeShape): void;
  /** Records encoder, decoder and loss. */
  record(inputs: TapeInputs, options: Resolved<O>): TapeModel;
  /** What of the start is made from training rows. Default: nothing. */
  start?(options: Resolved<O>): TapeStart | undefined;
  /** What training needs to know beside the model. Default: nothing. */
  training?(
    options: Resolved<O>,
  ): Pick<TapeTrainableOptions, "activePerRow" | "clipNorm" | "deadAfterTokens">;
}

/** An architecture on a tape. */
export interface TapeArchitecture<O extends Options = Options> extends Architecture {
  readonly options: O;
}

/**
 * Completes a definition to an architecture.
 *
 * @example See examples/add-an-sae-on-the-tape.ts.
 */
export function tapeArchitecture<const O extends Options>(
  definition: TapeDefinition<O>,
): TapeArchitecture<O> {
  const { name, lr = 1e-3 } = definition;
  return {
    ...definition,
    defaultLr: () => lr,
    defaultLrText: `${lr}`,
    check: (options, shape) => definition.check?.(options as Resolved<O>, shape),
    create: (context, { dSae, options, adam }) =>
      new TapeTrainable(context, {
        name,
        dSae,
        adam,
        key: JSON.stringify(options),
        record: (inputs) => definition.record(inputs, options as Resolved<O>),
        start: definition.start?.(options as Resolved<O>),
        ...definition.training?.(options as Resolved<O>),
      }),
    startingWeights(folder, sae, { member, dSae, normalization }) {
      if (sae.dSae === dSae && !sae.ownEncoder && normalization === undefined) return sae;
      throw new ConcordError(
        "argument/invalid",
        `population.init_from: ${folder} does not fit ${member}, an SAE of ${name}.`,
        { hint: "It takes SAEs with its d_sae and a linear encoder, and rows as they come." },
      );
    },
  };
}
