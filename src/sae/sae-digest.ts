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
  const update = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  for (const tensor of [encoder, decoder, encoderBias, decoderBias, thresholds])
    if (tensor) update(tensor);
  if (sae.ownEncoder) hash.update(JSON.stringify([sae.architecture, sae.ownEncoder.options]));
  for (const [name, { data }] of sae.ownEncoder?.tensors ?? []) {
    hash.update(name);
    update(data);
  }
  return hash.digest("hex");
}
