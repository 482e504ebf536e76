/** @file The two dictionaries of an SAE, as the lab compares them. */

import type { Backend } from "../../backend/backend.ts";
import { type Dictionary, dictionaryOf } from "../matching/dictionary.ts";

/** Encoder and decoder directions of an SAE, rows of length one. */
export interface SaeAtoms {
  readonly decoder: Dictionary;
  readonly encoder: Dictionary;
  /**
   * Alignment score ⟨e_i, d_i⟩ of each latent, both of length one, [d_sae]; in [−1, 1]. Bimodal in
   * every architecture (Brzozowski and Chung 2026, arXiv:2605.18629).
   */
  readonly alignment: Float32Array;
}

/** Normalises the rows of an encoder and a decoder, both [d_sae, d_in]; rows of zeros stay zero. */
export async function atomsOf(
  backend: Backend,
  sae: {
    readonly encoder: Float32Array;
    readonly decoder: Float32Array;
    readonly dSae: number;
    readonly dIn: number;
  },
): Promise<SaeAtoms> {
  const { dSae, dIn } = sae;
  const decoder = await dictionaryOf(backend, sae.decoder, dSae, dIn);
  const encoder = await dictionaryOf(backend, sae.encoder, dSae, dIn);
  const alignment = backend.float32(dSae);
  const dots = { a: encoder.unit, b: decoder.unit, count: dSae, d: dIn, out: alignment };
  await backend.pairedDots(dots);
  return { decoder, encoder, alignment };
}
