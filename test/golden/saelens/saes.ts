/** @file The SAEs that write-ours.ts saves: weights anybody can draw again. */

import type { Sae } from "../../../src/sae/sae.ts";
import { normals } from "../../support/random.ts";

const [D_IN, D_SAE] = [6, 10];

function sae(name: string, selection: Sae["selection"]): Sae {
  return {
    ...{ selection, architecture: name, dIn: D_IN, dSae: D_SAE },
    encoder: normals(`${name}/encoder`, D_SAE * D_IN),
    decoder: normals(`${name}/decoder`, D_SAE * D_IN),
    encoderBias: normals(`${name}/b_enc`, D_SAE, 0.3),
    decoderBias: normals(`${name}/b_dec`, D_IN, 0.5),
  };
}

/** As runs keep them. The bias of `topk_tied` is so large that its top latents are positive, as SAELens requires. */
export const OURS: readonly Sae[] = [
  sae("topk", { kind: "topk", k: 3, relu: true }),
  {
    ...sae("topk_tied", { kind: "topk", k: 3, relu: false }),
    encoderBias: normals("topk_tied/b_enc", D_SAE, 0.3).map((b) => b + 5),
    decoderBias: undefined,
  },
  sae("relu", { kind: "relu" }),
];

export const METADATA = { model_name: "stories15m", hook_name: "blocks.3.hook_resid_post" };
