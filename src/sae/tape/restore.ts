/** @file A saved SAE whose encoder is on a tape, at work again. */

import type { Backend } from "../../backend/backend.ts";
import type { SavedEncoder } from "../architecture.ts";
import type { Sae } from "../sae.ts";
import type { RecordModel } from "./model.ts";
import { copyTensors, tapeEncoder } from "./own-encoder.ts";
import { NamedParameters } from "./parameters.ts";
import { recordModel } from "./record-model.ts";

/**
 * The SAE of saved tensors. Its model is recorded once for a single row, which says what tensors
 * there are.
 *
 * @throws {ConcordError} "argument/invalid" when the tensors are not those of the model.
 */
export async function restoredSae(
  backend: Backend,
  name: string,
  record: RecordModel,
  { dIn, dSae, options, tensors }: SavedEncoder,
): Promise<Sae> {
  const parameters = new NamedParameters(backend, tensors);
  const sizes = { dIn, dSae, batch: 1 };
  const model = recordModel(backend, record, sizes, parameters, { mode: "infer" });
  copyTensors(name, tensors, parameters);
  await model.tape.forward(model.decoder);
  const rows = model.decoder.value;
  // Rows that training kept at length one stay as they are, to the last bit.
  const isUnit = parameters.all.some(({ parameter, unitRows }) => parameter === rows && unitRows);
  const decoder = isUnit ? rows : backend.float32(dSae * dIn);
  if (!isUnit) await backend.normalizeRows({ rows, unit: decoder, count: dSae, columns: dIn });
  return {
    architecture: name,
    selection: model.selection ?? { kind: "relu" },
    dIn,
    dSae,
    encoder: decoder,
    decoder,
    encoderBias: backend.float32(dSae),
    decoderBias: model.decoderBias?.value,
    ownEncoder: tapeEncoder(record, { dIn, dSae, options }, parameters),
  };
}
