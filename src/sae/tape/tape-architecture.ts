/** @file An architecture whose SAEs are recorded on a tape. */

import { ConcordError } from "../../errors.ts";
import type { Architecture, OptionRecord, SaeShape } from "../architecture.ts";
import type { Resolved } from "../linear/linear-architecture.ts";
import type { Options } from "../options.ts";
import type { TrainableContext } from "../trainable.ts";
import type { RecordModel, TapeInputs, TapeModel, TapeStart } from "./model.ts";
import { restoredSae } from "./restore.ts";
import { TapeTrainable, type TapeTrainableOptions } from "./tape-trainable.ts";

/** What is said of an architecture on a tape. */
export interface TapeDefinition<O extends Options>
  extends Omit<
    Architecture,
    | "create"
    | "startingWeights"
    | "restore"
    | "check"
    | "defaults"
    | "options"
    | "defaultLr"
    | "defaultLrText"
  > {
  readonly options: O;
  defaults(shape: SaeShape): Resolved<O>;
  /** Learning rate when none is given. Default 1e-3. */
  readonly lr?: number;
  /** @throws {ConcordError} "argument/invalid" naming the option that does not fit. */
  check?(options: Resolved<O>, shape: SaeShape): void;
  /** Records encoder, decoder and loss. */
  record(inputs: TapeInputs, options: Resolved<O>): TapeModel;
  /** Why its SAEs cannot start from saved ones, where they cannot. */
  readonly startsFresh?: string;
  /** What of the start is made from training rows. Default: nothing. */
  start?(options: Resolved<O>): TapeStart | undefined;
  /** What training needs to know beside the model. Default: nothing. */
  training?(
    options: Resolved<O>,
    shape: SaeShape,
  ): Pick<TapeTrainableOptions, "activePerRow" | "clipNorm" | "deadAfterTokens" | "auxK">;
}

/** An architecture whose SAEs are on a tape. */
export interface TapeArchitecture<O extends Options = Options> extends Architecture {
  readonly options: O;
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
  const recorder =
    (options: OptionRecord): RecordModel =>
    (inputs) =>
      definition.record(inputs, options as Resolved<O>);
  return {
    ...definition,
    defaultLr: () => lr,
    defaultLrText: `${lr}`,
    check: (options, shape) => definition.check?.(options as Resolved<O>, shape),
    create(context, { dSae, options, adam }) {
      if (definition.needsOrbits) requireOrbits(name, context);
      const shape = { dIn: context.dIn, dSae };
      return new TapeTrainable(context, {
        name,
        dSae,
        adam,
        options,
        key: JSON.stringify(options),
        record: recorder(options),
        start: definition.start?.(options as Resolved<O>),
        ...definition.training?.(options as Resolved<O>, shape),
      });
    },
    startingWeights(folder, sae, { member, dSae, normalization }) {
      if (definition.startsFresh)
        throw new ConcordError(
          "argument/invalid",
          `population.init_from: ${member} cannot start from ${folder}: ${definition.startsFresh}.`,
          { hint: "Leave init_from out for this architecture." },
        );
      const isOwn = sae.ownEncoder === undefined || sae.architecture === name;
      // Tensors are for rows as they were trained on, whatever the factor was.
      const kind = (n: typeof normalization) => (typeof n === "object" ? "factor" : n);
      const isAsTrained =
        kind(sae.rowNormalization) === kind(normalization) &&
        (normalization === undefined || sae.ownEncoder !== undefined);
      if (sae.dSae === dSae && isOwn && isAsTrained) return sae;
      throw new ConcordError(
        "argument/invalid",
        `population.init_from: ${folder} does not fit ${member}, an SAE of ${name}.`,
        {
          hint: `It takes SAEs of its d_sae that ${name} has trained, or with a linear encoder for rows as they come.`,
        },
      );
    },
    restore: (backend, saved) => restoredSae(backend, name, recorder(saved.options), saved),
  };
}

/** @throws {ConcordError} "argument/invalid" when the source serves single rows. */
function requireOrbits(name: string, { symmetry }: TrainableContext): void {
  if (symmetry) return;
  throw new ConcordError(
    "argument/invalid",
    `architecture ${name} needs whole orbits, and this source serves single rows.`,
    { hint: "Give source.orbit where its rows come in orbits, or choose another architecture." },
  );
}
