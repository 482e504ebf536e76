/** @file Encodes rows by replaying a model's tape up to its code. */

import type { Backend } from "../../backend/backend.ts";
import type { OwnEncoder } from "../sae.ts";
import type { RecordModel } from "./model.ts";
import type { NamedParameters } from "./parameters.ts";
import { type ModelSizes, recordModel } from "./record-model.ts";

/** An encoder that shares the memory of `parameters`. */
export function tapeEncoder(
  record: RecordModel,
  shape: Omit<ModelSizes, "batch">,
  parameters: NamedParameters,
): OwnEncoder {
  const { dIn, dSae } = shape;
  return (backend: Backend, batch: number) => {
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
}
