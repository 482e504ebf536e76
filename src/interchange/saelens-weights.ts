/**
 * @file The weights of an SAE folder brought into our form: what SAELens does at run time is folded
 *   into them where it can be.
 */

import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from "../base/float16.ts";
import { asFloat32, type Tensor } from "../base/tensor.ts";
import { FormatError } from "../errors.ts";
import { readSafetensors } from "../formats/safetensors-file.ts";
import { centredBias, rescale, scaleRows } from "../sae/fold.ts";
import type { SaeSelection } from "../sae/sae.ts";
import type { SaeFolderConfig } from "./saelens-config.ts";
import { Weights } from "./weights.ts";

/** Weights in our form; see sae.ts. */
export interface FolderWeights {
  readonly encoder: Float32Array;
  readonly encoderBias: Float32Array;
  readonly decoder: Float32Array;
  /** Undefined when the SAE was made without one. */
  readonly decoderBias: Float32Array | undefined;
  readonly selection: SaeSelection;
}

/** Names under which versions of SAELens keep a factor per latent of the decoder. */
const FACTORS = ["scaling_factor", "finetuning_scaling_factor"];

/** Rounds to a type of half precision, as SAELens does with wider numbers when it loads. */
function rounded(t: Tensor, dtype: SaeFolderConfig["dtype"]): Float32Array {
  const values = asFloat32(t);
  if (dtype === "float32" || t.dtype === dtype) return values;
  return dtype === "bfloat16"
    ? values.map((v) => fromBfloat16(toBfloat16(v)))
    : values.map((v) => fromFloat16(toFloat16(v)));
}

/**
 * Reads the weights that a config is about. Those that SAELens uses in another way are brought into
 * our form:
 *
 *   apply_b_dec_to_input: false      b_enc + W_encᵀ b_dec
 *   rescale_acts_by_decoder_norm     W_enc ‖W_dec‖, b_enc ‖W_dec‖, W_dec / ‖W_dec‖
 *   finetuning_scaling_factor        W_dec times the factor of its row
 *   gated                            W_enc eʳ, b_enc = b_mag,
 *                                    threshold = b_mag − eʳ b_gate (r = r_mag)
 *
 * @throws {FormatError} naming the tensor that is missing, not finite, or that nothing here uses;
 *   {ShapeError} when one does not fit the config; {ConcordError} `file/missing`.
 */
export async function readSaeWeights(
  file: string,
  config: SaeFolderConfig,
): Promise<FolderWeights> {
  const { dIn, dSae, form, k, relu } = config;
  const { tensors } = await readSafetensors(file);
  const weights = new Weights(file, tensors, (t) => rounded(t, config.dtype));
  const encoder = weights.takeTransposed("W_enc", [dSae, dIn]);
  const decoder = weights.take("W_dec", [dSae, dIn]);
  const bDec = weights.take("b_dec", [dIn]);
  const latents = {
    dSae,
    has: (name: string) => weights.has(name),
    take: (name: string) => weights.take(name, [dSae]),
    scalar: (name: string, hint: string) => weights.scalar(name, hint),
  };
  const { selection, encoderBias: bias } = form.read(latents, encoder, { k, relu });
  const encoderBias = config.uncentred ? centredBias(encoder, bias, bDec) : bias;
  if (config.rescaled) rescale(encoder, encoderBias, decoder);
  const factorName = FACTORS.find((name) => tensors.has(name));
  const factors = factorName === undefined ? undefined : latents.take(factorName);
  // Versions 1 and 2 kept a factor of one with every SAE.
  const isOne = factors?.every((f) => Math.abs(f - 1) <= 1e-5) ?? true;
  if (!isOne && config.finetuned === false)
    throw new FormatError(
      file,
      `${factorName} is not 1, but finetuning_scaling_factor of cfg.json is false.`,
    );
  if (factors && !isOne) scaleRows(decoder, factors);
  if (!factors && config.finetuned === true)
    throw new FormatError(
      file,
      `has no tensor finetuning_scaling_factor, but that of cfg.json is true.`,
    );
  weights.requireAllTaken(`architecture ${config.architecture}`);
  const hasBias = config.decoderBias || bDec.some((b) => b !== 0);
  return { encoder, encoderBias, decoder, decoderBias: hasBias ? bDec : undefined, selection };
}
