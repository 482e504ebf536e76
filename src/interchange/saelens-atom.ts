/** @file One row of a saved SAE's decoder, without the rest of its weights. */

import { join } from "node:path";
import type { RowNormalization } from "../base/row-normalization.ts";
import { expected, FormatError } from "../errors.ts";
import { openSafetensors } from "../formats/safetensors-file.ts";
import { bytesOf } from "../formats/typed-bytes.ts";
import { SAE_CONFIG_FILE, SAE_WEIGHTS_FILE } from "./saelens.ts";
import { readSaeConfig } from "./saelens-config.ts";

/** A decoder row, and what is done to the rows of activations that it is of. */
export interface SavedAtom {
  /** [d_in] */
  readonly row: Float32Array;
  readonly rowNormalization: RowNormalization | undefined;
}

/**
 * Reads the decoder row of a latent from an SAE's folder as `saveSae` writes it.
 *
 * @throws {ConcordError} `argument/invalid` for a latent that there is not, `file/missing`,
 *   {FormatError} for a folder that `saveSae` did not write.
 */
export async function loadAtom(path: string, latent: number): Promise<SavedAtom> {
  const { dIn, dSae, rowNormalization } = await readSaeConfig(join(path, SAE_CONFIG_FILE));
  if (!Number.isInteger(latent) || latent < 0 || latent >= dSae)
    throw expected("latent", `an integer from 0 to ${dSae - 1}`, latent);
  const file = await openSafetensors(join(path, SAE_WEIGHTS_FILE));
  try {
    const { dtype, shape } = file.entry("W_dec");
    if (dtype !== "float32" || shape.length !== 2 || shape[0] !== dSae || shape[1] !== dIn)
      throw new FormatError(
        `${file.path}, tensor W_dec`,
        `expected float32 [${dSae}, ${dIn}] but it is ${dtype} [${shape.join(", ")}].`,
      );
    const row = new Float32Array(dIn);
    await file.readBytes("W_dec", 4 * latent * dIn, bytesOf(row));
    return { row, rowNormalization };
  } finally {
    await file.close();
  }
}
