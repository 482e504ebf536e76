/** @file Encodes rows by replaying a model's tape up to its code. */

import type { Backend } from "../../backend/backend.ts";
import { asFloat32, showShape, type Tensor } from "../../base/tensor.ts";
import { ConcordError } from "../../errors.ts";
import type { OwnEncoder } from "../sae.ts";
import type { RecordModel } from "./model.ts";
import type { NamedParameters } from "./parameters.ts";
import { type ModelSizes, recordModel } from "./record-model.ts";

/** What an encoder on a tape is made of, beside its model and its parameters. */
interface EncoderShape extends Omit<ModelSizes, "batch"> {
  /** Those of its architecture. */
  readonly options: OwnEncoder["options"];
}

/** An encoder that shares the memory of `parameters`. */
export function tapeEncoder(
  record: RecordModel,
  shape: EncoderShape,
  parameters: NamedParameters,
): OwnEncoder {
  const { dIn, dSae, options } = shape;
  const open: OwnEncoder["open"] = (backend: Backend, batch: number) => {
    const sizes = { dIn, dSae, batch };
    const { tape, x, code } = recordModel(backend, record, sizes, parameters, { mode: "infer" });
    const indptr = backend.int32(batch + 1);
    let indices = backend.int32(0);
    let values = backend.float32(0);
    return async (rows, count) => {
      x.value.fill(0);
      x.value.set(rows.subarray(0, count * dIn));
      await tape.forward(code);
      const z = code.value;
      let nnz = 0;
      for (let i = 0; i < count * dSae; i++) if (z[i] !== 0) nnz++;
      if (nnz > indices.length) {
        indices = backend.int32(Math.ceil(nnz * 1.25));
        values = backend.float32(indices.length);
      }
      for (let b = 0, at = 0, i = 0; b < count; b++) {
        for (let f = 0; f < dSae; f++, i++)
          if (z[i] !== 0) {
            indices[at] = f;
            values[at++] = z[i]!;
          }
        indptr[b + 1] = at;
      }
      return { rows: count, indptr, indices, values };
    };
  };
  return { open, options, tensors: parameters.tensors() };
}

/**
 * Puts saved tensors into the parameters of a model.
 *
 * @param name What has these parameters, for messages.
 * @throws {ConcordError} "argument/invalid" when one is missing, left over or of another shape.
 */
export function copyTensors(
  name: string,
  saved: ReadonlyMap<string, Tensor>,
  parameters: NamedParameters,
): void {
  const own = parameters.tensors();
  const names = [...new Set([...own.keys(), ...saved.keys()])];
  const shown = (tensor: Tensor | undefined) => (tensor ? showShape(tensor.shape) : "none");
  for (const one of names) {
    const [wanted, found] = [shown(own.get(one)), shown(saved.get(one))];
    if (wanted !== found)
      throw new ConcordError(
        "argument/invalid",
        `${name} has ${wanted} for ${one}, but the saved SAE has ${found}.`,
        { hint: "They were made with other options, or by another version of the model." },
      );
  }
  for (const [one, { data }] of own) (data as Float32Array).set(asFloat32(saved.get(one)!));
}
