/** @file A model on a tape of its own: for training, or for encoding only. */

import type { Backend } from "../../backend/backend.ts";
import type { Symmetry } from "../../sources/symmetry.ts";
import type { TapeMemory } from "../../tape/memory.ts";
import { requireShape } from "../../tape/shapes.ts";
import { Tape } from "../../tape/tape.ts";
import type { TapeTensor } from "../../tape/tensor.ts";
import type { RecordModel, TapeModel } from "./model.ts";
import type { NamedParameters } from "./parameters.ts";

/** The sizes of a model. */
export interface ModelSizes {
  readonly dIn: number;
  readonly dSae: number;
  /** Rows of a batch. */
  readonly batch: number;
}

/** A recorded model, with what it is fed. */
export interface RecordedModel extends TapeModel {
  readonly tape: Tape;
  readonly x: TapeTensor;
  readonly target: TapeTensor;
}

/**
 * Records a model.
 *
 * @param parameters Where its parameters are, or are put when they are not known yet.
 * @param use "train": with gradients. "infer": parameters are constants.
 * @throws {ShapeError} when the code, the reconstruction or the decoder does not have its shape.
 */
export function recordModel(
  backend: Backend,
  record: RecordModel,
  sizes: ModelSizes,
  parameters: NamedParameters,
  use: {
    readonly mode: "train" | "infer";
    readonly memory?: TapeMemory;
    readonly symmetry?: Symmetry | undefined;
    readonly seed?: number | undefined;
  },
): RecordedModel {
  const { dIn, dSae, batch } = sizes;
  const tape = use.memory ? new Tape(backend, use.memory) : new Tape(backend);
  tape.mode = use.mode;
  const known = new Set(parameters.all.map(({ name }) => name));
  const x = tape.input([batch, dIn]);
  const target = tape.input([batch, dIn]);
  const model = record({
    x,
    target,
    ...sizes,
    symmetry: use.symmetry,
    seed: use.seed ?? 0,
    parameter(name, shape, options = {}) {
      const held = known.has(name) ? parameters.get(name) : parameters.add(name, shape, options);
      return use.mode === "train"
        ? tape.parameter(shape, held.parameter)
        : tape.constant(shape, held.parameter);
    },
    constant(name, given) {
      const { shape, data } = parameters.constant(name, given);
      return tape.constant(shape, data as Float32Array);
    },
    statistics: (name, columns) => parameters.statistics(name, columns),
  });
  requireShape("code", "latents", model.code, [batch, dSae]);
  requireShape("reconstruction", "rows", model.reconstruction, [batch, dIn]);
  requireShape("decoder", "atoms", model.decoder, [dSae, dIn]);
  if (model.aim) requireShape("aim", "rows", model.aim, [batch, dIn]);
  if (model.scores) requireShape("scores", "latents", model.scores, [batch, dSae]);
  if (model.decoderBias) requireShape("decoderBias", "a bias", model.decoderBias, [dIn]);
  return { ...model, tape, x, target };
}
