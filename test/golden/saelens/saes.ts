/** @file The SAEs that write-ours.ts saves: weights anybody can draw again. */

import type { Sae } from "../../../src/sae/sae.ts";
import { normals } from "../../support/random.ts";

const [D_IN, D_SAE] = [6, 10];

function sae(name: string, selection: Sae["selection"]): Sae {
  return {
    selection,
    architecture: name,
    dIn: D_IN,
    dSae: D_SAE,
    encoder: normals(`${name}/encoder`, D_SAE * D_IN),
    decoder: normals(`${name}/decoder`, D_SAE * D_IN),
    encoderBias: normals(`${name}/b_enc`, D_SAE, 0.3),
    decoderBias: normals(`${name}/b_dec`, D_IN, 0.5),
  };
}

/** As runs keep them, by folder. */
export const OURS: Readonly<Record<string, Sae>> = {
  topk: sae("topk", { kind: "topk", k: 3, relu: true }),
  // A bias so large that its top latents are positive, where SAELens does the same.
  topk_tied: {
    ...sae("topk_tied", { kind: "topk", k: 3, relu: false }),
    encoderBias: normals("topk_tied/b_enc", D_SAE, 0.3).map((b) => b + 5),
    decoderBias: undefined,
  },
  // With so large a k some of the top latents are negative, and SAELens differs.
  "topk_tied-negative": {
    ...sae("topk_tied", { kind: "topk", k: 8, relu: false }),
    decoderBias: undefined,
  },
  relu: sae("relu", { kind: "relu" }),
  "topk-layer-norm": {
    ...sae("topk", { kind: "topk", k: 3, relu: true }),
    rowNormalization: "layer_norm",
  },
  jumprelu: sae("jumprelu", {
    kind: "jumprelu",
    thresholds: normals("jumprelu/threshold", D_SAE).map(Math.abs),
  }),
  // What a batch decided in training, one threshold decides for all latents.
  batchtopk: sae("batchtopk", { kind: "jumprelu", thresholds: new Float32Array(D_SAE).fill(0.8) }),
  matryoshka: sae("matryoshka", {
    kind: "jumprelu",
    thresholds: new Float32Array(D_SAE).fill(0.5),
  }),
  // A gate is a threshold, which may lie below zero.
  gated: sae("gated", { kind: "jumprelu", thresholds: normals("gated/threshold", D_SAE) }),
};

/** What a run on a language model says of its activations, and some of what one on EEG says. */
export const METADATA = {
  model_name: "stories15m",
  hook_name: "blocks.3.hook_resid_post",
  dataset_path: "stories15m-samples",
  context_size: 256,
  eeg: { channels: ["Fp1", "T7"], rate: 128 },
};
