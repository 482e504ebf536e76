/**
 * @file What dictionary_learning keeps of an SAE of ours: the class by how it selects latents, its
 *   state dict, and config.json.
 *
 *   relu       AutoEncoder
 *   topk       AutoEncoderTopK
 *   jumprelu   JumpReluAutoEncoder, whose b_enc is b_enc − W b_dec, as float64 where it must be
 */

import { float32Tensor, type Tensor, tensor, transposed } from "../base/tensor.ts";
import { uncentredBias } from "../sae/fold.ts";
import type { Sae } from "../sae/sae.ts";
import { mostActive } from "../sae/selection.ts";
import type { SaeOrigin } from "./format.ts";
import { floats } from "./weights.ts";

/** The class, and the tensors of its state dict. */
function stateDict(sae: Sae): {
  readonly dictClass: string;
  readonly tensors: Map<string, Tensor>;
} {
  const { dIn, dSae, encoder, encoderBias, decoder, selection } = sae;
  const bDec = sae.decoderBias ?? new Float32Array(dIn);
  if (selection.kind === "jumprelu")
    return {
      dictClass: "JumpReluAutoEncoder",
      tensors: new Map([
        ["W_enc", float32Tensor([dIn, dSae], transposed(encoder, dSae, dIn))],
        ["b_enc", floats(uncentredBias(encoder, encoderBias, bDec))],
        ["W_dec", float32Tensor([dSae, dIn], decoder)],
        ["b_dec", float32Tensor([dIn], bDec)],
        ["threshold", float32Tensor([dSae], selection.thresholds)],
      ]),
    };
  const layers: [string, Tensor][] = [
    ["encoder.weight", float32Tensor([dSae, dIn], encoder)],
    ["encoder.bias", float32Tensor([dSae], encoderBias)],
    ["decoder.weight", float32Tensor([dIn, dSae], transposed(decoder, dSae, dIn))],
  ];
  if (selection.kind === "relu")
    return {
      dictClass: "AutoEncoder",
      tensors: new Map([["bias", float32Tensor([dIn], bDec)], ...layers]),
    };
  const [k, unset] = [Int32Array.of(selection.k), Float32Array.of(-1)];
  return {
    dictClass: "AutoEncoderTopK",
    tensors: new Map([
      ["b_dec", float32Tensor([dIn], bDec)],
      ["k", tensor("int32", [], k)],
      ["threshold", float32Tensor([], unset)],
      ...layers,
    ]),
  };
}

/** The tensors of ae.pt, and config.json. */
export function dictionaryLearningFiles(sae: Sae, origin: SaeOrigin) {
  const { dictClass, tensors } = stateDict(sae);
  const k = mostActive(sae.selection);
  const { modelName, hookName, seed } = origin;
  const trainer = {
    dict_class: dictClass,
    activation_dim: sae.dIn,
    dict_size: sae.dSae,
    ...(k !== undefined && { k }),
    ...(modelName !== undefined && { lm_name: modelName }),
    ...(hookName !== undefined && { submodule_name: hookName }),
    ...(seed !== undefined && { seed }),
  };
  return { tensors, config: { trainer, buffer: {} } };
}

/** Largest difference of a norm from one that dictionary_learning ignores (torch.allclose). */
const UNIT = 1e-5;

/**
 * What dictionary_learning makes of an AutoEncoder with atoms that are not of length one; undefined
 * for all others.
 */
export function dictionaryLearningDifference(sae: Sae): string | undefined {
  const { decoder, dIn, dSae, selection } = sae;
  if (selection.kind !== "relu") return undefined;
  for (let j = 0; j < dSae; j++) {
    let squares = 0;
    for (let i = j * dIn; i < (j + 1) * dIn; i++) squares += decoder[i]! ** 2;
    if (Math.abs(Math.sqrt(squares) - 1) > UNIT)
      return "AutoEncoder.from_pretrained divides atoms by their length and multiplies codes by it, unless it gets normalize_decoder=False; reconstructions stay the same.";
  }
  return undefined;
}
