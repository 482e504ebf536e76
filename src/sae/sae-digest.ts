/** @file What an SAE computes, as a hash. */

import { createHash } from "node:crypto";
import type { Sae } from "./sae.ts";

/** SHA-256 of what decides the codes and reconstructions of an SAE, whatever its files are. */
export function saeDigest(sae: Sae): string {
  const { selection, dIn, dSae, rowNormalization = "none" } = sae;
  const isJump = selection.kind === "jumprelu";
  const rule = isJump ? selection.kind : selection;
  const hash = createHash("sha256");
  hash.update(JSON.stringify([dIn, dSae, rule, rowNormalization, sae.decoderBias !== undefined]));
  const { encoder, decoder, encoderBias, decoderBias } = sae;
  const thresholds = isJump ? selection.thresholds : undefined;
  for (const tensor of [encoder, decoder, encoderBias, decoderBias, thresholds])
    if (tensor) hash.update(new Uint8Array(tensor.buffer, tensor.byteOffset, tensor.byteLength));
  return hash.digest("hex");
}
