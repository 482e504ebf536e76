/** @file A member that starts from a trained SAE instead of drawn weights. */

import { type Backend, TYING } from "../../backend/backend.ts";
import type { RowNormalization } from "../../base/row-normalization.ts";
import { ConcordError } from "../../errors.ts";
import type { Sae } from "../sae.ts";
import { beginFrom, type Member } from "./member.ts";
import { ruleOf } from "./rules/rules.ts";
import type { LinearSpec } from "./spec.ts";

/** What is asked of a saved SAE, and by whom. */
export interface LinearStart {
  /** `member-0`, for messages. */
  readonly member: string;
  readonly spec: LinearSpec;
  readonly dSae: number;
  /** What is done to the rows that the member trains on. */
  readonly normalization: RowNormalization | undefined;
}

/**
 * Lengths of atoms may differ by this much where only one length for all can be taken into the
 * encoder.
 */
const LENGTH_TOLERANCE = 1e-3;

/** A tied decoder may differ from the encoder's unit rows by this much per number. */
const TIED_TOLERANCE = 1e-4;

function refuse(folder: string, problem: string, hint: string): ConcordError {
  return new ConcordError("argument/invalid", `population.init_from: ${folder} ${problem}.`, {
    hint,
  });
}

function rowLengths(rows: Float32Array, dIn: number): Float64Array {
  const lengths = new Float64Array(rows.length / dIn);
  for (let i = 0; i < rows.length; i++) lengths[Math.floor(i / dIn)]! += rows[i]! ** 2;
  return lengths.map(Math.sqrt);
}

/**
 * The weights of a saved SAE with unit atoms: scores take over the lengths, so that codes are those
 * times the lengths and reconstructions stay.
 *
 * @param folder Names the SAE in messages.
 * @throws {ConcordError} "argument/invalid" when the member cannot start from it: another
 *   architecture, d_sae or row normalisation; a b_dec that the member has not; atoms of several
 *   lengths with TopK; weights that are not tied.
 */
export function startingWeights(folder: string, sae: Sae, request: LinearStart): Sae {
  const { member, spec, dSae, normalization } = request;
  const factor = typeof normalization === "object" ? normalization.factor : 1;
  const perRow = typeof normalization === "string" ? normalization : "none";
  if ((sae.rowNormalization ?? "none") !== perRow)
    throw refuse(
      folder,
      `normalises rows with ${sae.rowNormalization ?? "none"}, but ${member} is trained with ${perRow}`,
      "Set source.normalize to what the folder was trained with.",
    );
  if (sae.architecture !== spec.name)
    throw refuse(
      folder,
      `is of architecture ${sae.architecture}, but ${member} is ${spec.name}`,
      `Set population.architecture to that of the folder, or start from another.`,
    );
  if (sae.dSae !== dSae)
    throw refuse(
      folder,
      `has d_sae ${sae.dSae}, but ${member} has ${dSae}`,
      `Set population.d_sae to ${sae.dSae}, or start from another folder.`,
    );
  if (sae.decoderBias?.some((b) => b !== 0) && spec.decoderBias === undefined)
    throw refuse(
      folder,
      `has a b_dec, but ${member} has none`,
      "Set population.decoder_bias to zero; it then starts as the folder has it.",
    );
  const { dIn } = sae;
  const lengths = rowLengths(sae.decoder, dIn);
  const [shortest, longest] = lengths.reduce(
    ([low, high], length) => [Math.min(low, length), Math.max(high, length)],
    [Number.POSITIVE_INFINITY, 0],
  );
  if (!(shortest > 0))
    throw refuse(
      folder,
      `has an atom of length zero, latent ${lengths.indexOf(shortest)}`,
      "Atoms have length one in training; start from another folder.",
    );
  if (spec.selection.kind === "topk" && longest > shortest * (1 + LENGTH_TOLERANCE))
    throw refuse(
      folder,
      `has atoms of lengths from ${shortest.toPrecision(3)} to ${longest.toPrecision(3)}`,
      "With atoms of length one, as in training, its k largest scores would be others.",
    );
  // The member sees rows times the factor, and what it makes of them is divided by it.
  const times = (values: Float32Array, by: number) =>
    Float32Array.from(values, (v) => (by === 1 ? v : v * by));
  const encoder = times(sae.encoder, 1 / factor);
  const decoder = times(sae.decoder, factor);
  const encoderBias = Float32Array.from(sae.encoderBias);
  const decoderBias = sae.decoderBias && times(sae.decoderBias, factor);
  const selection =
    "thresholds" in sae.selection
      ? { ...sae.selection, thresholds: Float32Array.from(sae.selection.thresholds) }
      : sae.selection;
  for (let j = 0; j < dSae; j++) {
    const length = lengths[j]! * factor;
    // What is one but for rounding stays, to the last bit.
    if (Math.abs(length - 1) < 1e-6) continue;
    encoderBias[j]! *= length;
    if ("thresholds" in selection) selection.thresholds[j]! *= length;
    for (let i = j * dIn; i < (j + 1) * dIn; i++) {
      encoder[i]! *= length;
      decoder[i]! /= length;
    }
  }
  requireTied(folder, { encoder, decoder, dIn }, request);
  const { architecture } = sae;
  return { selection, architecture, dIn, dSae, encoder, decoder, encoderBias, decoderBias };
}

/**
 * @throws {ConcordError} when the member's encoder decides its decoder, and the folder's does not.
 */
function requireTied(
  folder: string,
  { encoder, decoder, dIn }: { encoder: Float32Array; decoder: Float32Array; dIn: number },
  { member, spec }: LinearStart,
): void {
  if (spec.tying !== TYING.tiedRaw && spec.tying !== TYING.tiedNormalized) return;
  const lengths = rowLengths(encoder, dIn);
  for (let i = 0; i < encoder.length; i++) {
    const j = Math.floor(i / dIn);
    const divisor = spec.tying === TYING.tiedRaw ? lengths[j]! || 1 : 1;
    if (Math.abs(encoder[i]! / divisor - decoder[i]!) > TIED_TOLERANCE)
      throw refuse(
        folder,
        `is not tied: atom ${j} is not its encoder's direction`,
        `${member} is ${spec.name}, which has one matrix for both; start from an SAE that was trained so.`,
      );
  }
}

/**
 * Puts the weights of a saved SAE, as `startingWeights` gives them, into a member that has not
 * trained yet. Moments and counters are those of a fresh member; b_dec is not set from the data any
 * more.
 */
export async function startFrom(backend: Backend, member: Member, sae: Sae): Promise<void> {
  const { parameters: p } = member;
  p.encoder?.parameter.set(sae.encoder);
  p.raw?.parameter.set(sae.decoder);
  p.bias.parameter.set(sae.encoderBias);
  if (p.decoderBias) p.decoderBias.parameter.set(sae.decoderBias ?? new Float32Array(p.dIn));
  ruleOf(member.spec.selection).startFrom?.(member, sae.selection);
  member.keepsDecoderBias = true;
  await beginFrom(backend, member);
}
