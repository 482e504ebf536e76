/**
 * @file TopK whose encoder has a hidden layer: the plain SAE of the equivariant experiments, there
 *   called vanilla.
 *
 *   z = TopK(ReLU(W₂ φ(W₁ (x − b_dec) + b₁) + b_enc)),  x̂ = z W_dec + b_dec
 *   L = mean_b ‖x − x̂‖² + α AuxK
 *
 * The options are named after the flags of the commands that came with Erdogan and Lucic
 * (arXiv:2511.09432): `--sae-enc-type`, `--sae-hidden-dim`, `--sae-enc-activation`,
 * `--pre-encoder-bias`. Their code cannot be read, so the start of the weights is ours.
 */

import { expected } from "../../errors.ts";
import { add } from "../../tape/ops/arithmetic.ts";
import { squaredDistance } from "../../tape/ops/losses.ts";
import { matmul } from "../../tape/ops/matmul.ts";
import { topK } from "../../tape/ops/top-k.ts";
import type { SaeShape } from "../architecture.ts";
import type { Resolved } from "../linear/linear-architecture.ts";
import { auxK, auxKDefaults, clipNorm, k } from "../options.ts";
import type { TapeAuxK } from "../tape/aux-k.ts";
import { ENCODER_DEFAULTS, ENCODER_OPTIONS, recordEncoder } from "../tape/encoder.ts";
import { tapeArchitecture } from "../tape/tape-architecture.ts";

/** What all TopK architectures on the tape listen to. */
export const TAPE_TOPK_OPTIONS = { k, ...ENCODER_OPTIONS, clipNorm, auxK };

/** Their values where nothing is given. */
export const tapeTopkDefaults = ({ dIn }: SaeShape) => ({
  k: 8,
  ...ENCODER_DEFAULTS,
  clipNorm: false as const,
  auxK: auxKDefaults(dIn),
});

/** What AuxK has where only some of its fields are given. */
export const tapeTopkSections = ({ dIn }: SaeShape) => ({ auxK: auxKDefaults(dIn) });

/** @throws {ConcordError} "argument/invalid" when k is more than the latents. */
export function checkK({ k }: { readonly k: number }, { dSae }: SaeShape): void {
  if (!Number.isInteger(k) || k < 1 || k > dSae)
    throw expected("k", `an integer from 1 to d_sae (${dSae})`, k);
}

/** What training needs to know of their options. */
export function tapeTopkTraining(
  { k, clipNorm, auxK }: Pick<Resolved<typeof TAPE_TOPK_OPTIONS>, "k" | "clipNorm" | "auxK">,
  { dIn }: SaeShape,
) {
  return {
    activePerRow: k,
    clipNorm: clipNorm === false ? undefined : clipNorm,
    auxK: auxK === false ? undefined : ({ ...auxKDefaults(dIn), ...auxK } as TapeAuxK),
  };
}

/** `topk_mlp`. */
export const topkMlp = tapeArchitecture({
  name: "topk_mlp",
  summary: "TopK with a hidden layer in its encoder",
  source:
    "Erdogan and Lucic 2025 ([arXiv:2511.09432](https://arxiv.org/abs/2511.09432)), the flags of its commands; formulas are ours",
  loss: "mean over the batch of the sum over d_in",
  lr: 5e-4,
  options: TAPE_TOPK_OPTIONS,
  defaults: tapeTopkDefaults,
  sections: tapeTopkSections,
  leastLatents: ({ k }) => Number(k),
  check: checkK,
  training: tapeTopkTraining,
  record(inputs, options) {
    const { x, target, dIn, dSae, parameter } = inputs;
    const decoder = parameter("decoder", [dSae, dIn], { start: "unit_normal", unitRows: true });
    const decoderBias = parameter("b_dec", [dIn], { start: "mean" });
    const encoder = recordEncoder(inputs, options, decoderBias);
    const scores = encoder.scores(x);
    const code = topK(scores, options.k);
    const reconstruction = add(matmul(code, decoder), decoderBias);
    const loss = squaredDistance(reconstruction, target);
    const selection = { kind: "topk", k: options.k, relu: true } as const;
    const recorded = { code, scores, reconstruction, loss, decoder, decoderBias, selection };
    return encoder.linear ? { ...recorded, encoder: encoder.linear } : recorded;
  },
});
