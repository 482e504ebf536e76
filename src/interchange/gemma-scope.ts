/**
 * @file SAEs of Gemma Scope (Lieberum et al. 2024, arXiv:2408.05147): `params.npz` with W_enc
 *   [d_in, d_sae], W_dec [d_sae, d_in], b_enc, b_dec and threshold. Its second release keeps the
 *   same under lower-case names in `params.safetensors`.
 *
 *   z = s · (s > threshold),  s = x W_enc + b_enc,  x̂ = z W_dec + b_dec
 */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Backend } from "../backend/backend.ts";
import type { Tensor } from "../base/tensor.ts";
import { readNpz } from "../formats/npz.ts";
import { readSafetensors } from "../formats/safetensors-file.ts";
import { centre } from "../sae/fold.ts";
import type { LoadedSae, SaeFormat } from "./format.ts";
import { inBackend, Weights } from "./weights.ts";

const NPZ = "params.npz";
const SAFETENSORS = "params.safetensors";

/** The tensors under the names of the first release. */
function firstNames(tensors: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const names = new Map([
    ["w_enc", "W_enc"],
    ["w_dec", "W_dec"],
  ]);
  return new Map(Array.from(tensors, ([name, t]) => [names.get(name) ?? name, t]));
}

async function read(backend: Backend, folder: string): Promise<LoadedSae> {
  const isFirst = (await readdir(folder)).includes(NPZ);
  const file = join(folder, isFirst ? NPZ : SAFETENSORS);
  const tensors = isFirst ? await readNpz(file) : (await readSafetensors(file)).tensors;
  const weights = new Weights(file, firstNames(tensors));
  const [dSae = 0, dIn = 0] = weights.shapeOf("W_dec");
  const encoder = weights.takeTransposed("W_enc", [dSae, dIn]);
  const encoderBias = weights.take("b_enc", [dSae]);
  const decoderBias = weights.take("b_dec", [dIn]);
  // A ReLU comes first, so a threshold below zero is one of zero.
  const thresholds = weights.take("threshold", [dSae]);
  centre(encoder, encoderBias, decoderBias);
  const sae = {
    architecture: "jumprelu",
    selection: { kind: "jumprelu", thresholds } as const,
    dIn,
    dSae,
    encoder,
    encoderBias,
    decoder: weights.take("W_dec", [dSae, dIn]),
    decoderBias,
  };
  weights.requireAllTaken("jumprelu");
  return { sae: inBackend(backend, sae), format: gemmaScope.name, foreignArchitecture: "jumprelu" };
}

/** `gemma_scope`. */
export const gemmaScope: SaeFormat = {
  name: "gemma_scope",
  summary: "params.npz or params.safetensors, as Google published them",
  recognises: (files) => files.has(NPZ) || files.has(SAFETENSORS),
  read,
};
