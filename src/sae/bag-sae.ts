/** @file A bag of SAEs as one SAE, where the selection of every latent is its own. */

import type { Backend } from "../backend/backend.ts";
import type { Ensemble } from "./ensemble.ts";
import { centredBias } from "./fold.ts";
import type { Sae } from "./sae.ts";

/** A bag as one SAE, or why there is none. */
export type BagSae =
  | { readonly sae: Sae; readonly reason?: undefined }
  | { readonly sae?: undefined; readonly reason: string };

/**
 * The one SAE that a bag is: encoders concatenated, atoms multiplied by their weight, b_dec the
 * weighted mean m. Because members subtract a b_dec of their own, b_enc becomes
 * b_enc + W_enc (m − b_dec). Equal up to rounding, which can decide a score at its threshold.
 *
 * There is none for top-k members, because k latents per member are not the k largest of all. Nor
 * is there one for members that normalise rows in different ways, or for a boosted chain, whose
 * members encode different rows.
 */
export function bagSae(backend: Backend, { kind, dIn, dSae, members }: Ensemble): BagSae {
  if (kind === "boost")
    return { reason: "a stage encodes what the former ones leave, not the row itself" };
  const saes = members.map(({ sae }) => sae);
  if (saes.some(({ selection }) => selection.kind === "topk"))
    return { reason: "k latents of each member are not the k largest of all members" };
  if (saes.some(({ ownEncoder }) => ownEncoder))
    return { reason: "a member encodes with more than one matrix" };
  const normalized = saes.map(({ rowNormalization }) => JSON.stringify(rowNormalization));
  if (new Set(normalized).size > 1)
    return { reason: "its members normalise rows in different ways" };

  const mean = backend.float32(dIn);
  for (const { sae, weight } of members)
    for (let i = 0; i < dIn; i++) mean[i]! += weight * (sae.decoderBias?.[i] ?? 0);
  const encoder = backend.float32(dSae * dIn);
  const decoder = backend.float32(dSae * dIn);
  const encoderBias = backend.float32(dSae);
  const thresholds = backend.float32(dSae);
  let first = 0;
  for (const { sae, weight } of members) {
    const last = first + sae.dSae;
    const rows = encoder.subarray(first * dIn, last * dIn);
    rows.set(sae.encoder);
    decoder.set(sae.decoder, first * dIn);
    for (let i = first * dIn; i < last * dIn; i++) decoder[i]! *= weight;
    const shift = mean.map((m, i) => m - (sae.decoderBias?.[i] ?? 0));
    encoderBias.set(centredBias(rows, sae.encoderBias, shift), first);
    if (sae.selection.kind === "jumprelu") thresholds.set(sae.selection.thresholds, first);
    first = last;
  }
  const isRelu = saes.every(({ selection }) => selection.kind === "relu");
  const { rowNormalization } = saes[0]!;
  const sae: Sae = {
    selection: isRelu ? { kind: "relu" } : { kind: "jumprelu", thresholds },
    // Atoms are shorter than what tied weights, or any training, would leave.
    architecture: isRelu ? "relu" : "jumprelu",
    dIn,
    dSae,
    encoder,
    decoder,
    encoderBias,
    decoderBias: saes.some(({ decoderBias }) => decoderBias) ? mean : undefined,
    ...(rowNormalization && { rowNormalization }),
  };
  return { sae };
}
