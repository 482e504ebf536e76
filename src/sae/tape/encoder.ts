/**
 * @file The encoders of the equivariant experiments: one matrix, or two with an activation function
 *   between them; before either, b_dec may be taken off. Names follow the flags of the founding
 *   commands.
 */

import { z } from "zod";
import { gelu, relu, silu, tanh } from "../../tape/ops/activations.ts";
import { subtract } from "../../tape/ops/arithmetic.ts";
import { linear } from "../../tape/ops/matmul.ts";
import type { TapeTensor } from "../../tape/tensor.ts";
import { option } from "../options.ts";
import type { LinearEncoder, TapeInputs } from "./model.ts";

/** What such an encoder listens to. */
export const ENCODER_OPTIONS = {
  encoderType: option(
    z.enum(["nonlinear", "linear"]),
    "Whether the encoder has a hidden layer, or is one matrix",
  ),
  hiddenDim: option(z.int().min(1), "Width of the encoder's hidden layer"),
  encoderActivation: option(
    z.enum(["relu", "gelu", "silu", "tanh"]),
    "Activation function of the encoder's hidden layer",
  ),
  preEncoderBias: option(z.boolean(), "Whether b_dec is taken off rows before they are encoded"),
};

/** What they are where nothing is given: the values of the founding commands. */
export const ENCODER_DEFAULTS = {
  encoderType: "nonlinear",
  hiddenDim: 128,
  encoderActivation: "relu",
  preEncoderBias: true,
} as const;

const ACTIVATIONS = { relu, gelu, silu, tanh };

/** Values of the options. */
export interface EncoderOptions {
  readonly encoderType: "nonlinear" | "linear";
  readonly hiddenDim: number;
  readonly encoderActivation: keyof typeof ACTIVATIONS;
  readonly preEncoderBias: boolean;
}

/** An encoder that is recorded. */
export interface RecordedEncoder {
  /** ReLU(scores) [rows, d_sae] of rows [rows, d_in]; may be called for several tensors. */
  readonly scores: (rows: TapeTensor) => TapeTensor;
  /** Where the encoder is one matrix, in the form that every program can read. */
  readonly linear: LinearEncoder | undefined;
}

/**
 * Makes the parameters of an encoder: `W_1` [hidden, d_in], `b_1`, `W_2` [d_sae, hidden] and
 * `b_enc`, or `encoder` [d_sae, d_in] and `b_enc`. A linear encoder starts as the decoder.
 *
 * @param decoderBias b_dec, [d_in].
 */
export function recordEncoder(
  { dIn, dSae, parameter }: TapeInputs,
  options: EncoderOptions,
  decoderBias: TapeTensor,
): RecordedEncoder {
  const { encoderType, hiddenDim, preEncoderBias } = options;
  const centred = (rows: TapeTensor) => (preEncoderBias ? subtract(rows, decoderBias) : rows);
  const bias = parameter("b_enc", [dSae]);
  if (encoderType === "linear") {
    const weights = parameter("encoder", [dSae, dIn], { start: { copyOf: "decoder" } });
    return {
      scores: (rows) => relu(linear(centred(rows), weights, bias)),
      // Other programs take b_dec off.
      linear: preEncoderBias ? { weights, bias } : undefined,
    };
  }
  const activation = ACTIVATIONS[options.encoderActivation];
  const W1 = parameter("W_1", [hiddenDim, dIn], { start: "kaiming_uniform" });
  const b1 = parameter("b_1", [hiddenDim]);
  const W2 = parameter("W_2", [dSae, hiddenDim], { start: "kaiming_uniform" });
  return {
    scores: (rows) => relu(linear(activation(linear(centred(rows), W1, b1)), W2, bias)),
    linear: undefined,
  };
}
