/** @file An SAE of groups of latents: averaged atoms, with an encoder averaged to fit. */

import type { Backend } from "../../backend/backend.ts";
import { ConcordError } from "../../errors.ts";
import type { Sae } from "../../sae/sae.ts";
import { type AveragedLatent, averagedSelection } from "../../sae/selection.ts";
import type { Dictionary } from "../matching/dictionary.ts";
import { groupAtoms, type LatentGroup } from "./consensus.ts";

/** @throws {ConcordError} when rows are not normalised in one way for all SAEs. */
function requireOneNormalization(saes: readonly Sae[]): void {
  const text = ({ rowNormalization }: Sae) => JSON.stringify(rowNormalization ?? "none");
  const other = saes.find((sae) => text(sae) !== text(saes[0]!));
  if (other)
    throw new ConcordError(
      "argument/invalid",
      `Expected SAEs of rows that are normalised in one way but found ${text(saes[0]!)} and ${text(other)}.`,
      { hint: "Name SAEs that were trained with one value of normalize." },
    );
}

/**
 * The SAE whose latents are groups: atoms as `groupAtoms` averages them. Encoder rows, biases and
 * thresholds are means over the group, each first scaled by the length of its latent's atom, as
 * atoms get length one. b_dec is the mean over all SAEs.
 *
 * Averaged encoders are a start. Training with the decoder held fixed makes the codes usable.
 *
 * @throws {ConcordError} `argument/invalid` for SAEs that select latents differently, or without a
 *   group.
 */
export function consensusSae(
  backend: Backend,
  saes: readonly Sae[],
  dictionaries: readonly Dictionary[],
  groups: readonly LatentGroup[],
): Sae {
  if (groups.length === 0)
    throw new ConcordError("argument/invalid", "No latent is in enough of the SAEs.", {
      hint: "Lower --min-members or --tau, or train longer: concord compare shows how far the SAEs agree.",
    });
  const { dIn, rowNormalization } = saes[0]!;
  requireOneNormalization(saes);
  const encoder = backend.float32(groups.length * dIn);
  const encoderBias = backend.float32(groups.length);
  const averaged = groups.map(({ latents }): AveragedLatent[] =>
    latents.map(({ sae, latent }) => {
      const atom = saes[sae]!.decoder.subarray(latent * dIn, (latent + 1) * dIn);
      return { sae, latent, weight: Math.hypot(...atom) / latents.length };
    }),
  );
  for (const [g, latents] of averaged.entries())
    for (const { sae, latent, weight } of latents) {
      const { encoder: rows, encoderBias: bias } = saes[sae]!;
      for (let i = 0; i < dIn; i++) encoder[g * dIn + i]! += weight * rows[latent * dIn + i]!;
      encoderBias[g]! += weight * bias[latent]!;
    }
  const decoderBias = backend.float32(dIn);
  for (const { decoderBias: b } of saes)
    if (b) for (let i = 0; i < dIn; i++) decoderBias[i]! += b[i]! / saes.length;
  return {
    architecture: saes[0]!.architecture,
    selection: averagedSelection(saes, averaged),
    dIn,
    dSae: groups.length,
    encoder,
    encoderBias,
    decoder: groupAtoms(backend, dictionaries, groups).unit,
    decoderBias: saes.some((sae) => sae.decoderBias) ? decoderBias : undefined,
    ...(rowNormalization && { rowNormalization }),
  };
}
