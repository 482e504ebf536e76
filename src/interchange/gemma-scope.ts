/**
 * @file SAEs of Gemma Scope (Lieberum et al. 2024, arXiv:2408.05147): `params.npz` with W_enc
 *   [d_in, d_sae], W_dec [d_sae, d_in], b_enc, b_dec and threshold. Its second release keeps the
 *   same under lower-case names in `params.safetensors`.
 *
 *   z = s · (s > threshold),  s = x W_enc + b_enc,  x̂ = z W_dec + b_dec
 *
 * b_enc is written as float64 where b_enc − W_encᵀ b_dec needs it to come back as it was.
 */

import { join } from "node:path";
import { float32Tensor, type Tensor, transposed } from "../base/tensor.ts";
import { readNpz, writeNpz } from "../formats/npz.ts";
import { readSafetensors, writeSafetensors } from "../formats/safetensors-file.ts";
import { centredBias, uncentredBias } from "../sae/fold.ts";
import type { Sae } from "../sae/sae.ts";
import type { SaeFormat } from "./format.ts";
import type { SaeFormatName } from "./format-names.ts";
import { refusalOf } from "./refusal.ts";
import { floats, inBackend, Weights } from "./weights.ts";

/** Names of the second release by those of the first; the others are the same. */
const LOWER_CASE: Readonly<Record<string, string>> = { W_enc: "w_enc", W_dec: "w_dec" };

function saeOf(file: string, tensors: ReadonlyMap<string, Tensor>): Sae {
  const upper = (name: string) =>
    Object.keys(LOWER_CASE).find((key) => LOWER_CASE[key] === name) ?? name;
  const weights = new Weights(file, new Map(Array.from(tensors, ([n, t]) => [upper(n), t])));
  const [dSae = 0, dIn = 0] = weights.shapeOf("W_dec");
  const encoder = weights.takeTransposed("W_enc", [dSae, dIn]);
  const decoderBias = weights.take("b_dec", [dIn]);
  const sae = {
    architecture: "jumprelu",
    // A ReLU comes first, so a threshold below zero is one of zero.
    selection: { kind: "jumprelu", thresholds: weights.take("threshold", [dSae]) } as const,
    dIn,
    dSae,
    encoder,
    encoderBias: centredBias(encoder, weights.takeWide("b_enc", [dSae]), decoderBias),
    decoder: weights.take("W_dec", [dSae, dIn]),
    decoderBias,
  };
  weights.requireAllTaken("jumprelu");
  return sae;
}

function tensorsOf(sae: Sae): Map<string, Tensor> {
  const { dIn, dSae, encoder, selection, decoderBias = new Float32Array(dIn) } = sae;
  if (selection.kind !== "jumprelu") throw new Error("refused before");
  return new Map([
    ["W_enc", float32Tensor([dIn, dSae], transposed(encoder, dSae, dIn))],
    ["W_dec", float32Tensor([dSae, dIn], sae.decoder)],
    ["b_enc", floats(uncentredBias(encoder, sae.encoderBias, decoderBias))],
    ["b_dec", float32Tensor([dIn], decoderBias)],
    ["threshold", float32Tensor([dSae], selection.thresholds)],
  ]);
}

function release(
  name: SaeFormatName,
  file: string,
  summary: string,
  io: {
    readonly read: (path: string) => Promise<ReadonlyMap<string, Tensor>>;
    readonly write: (path: string, tensors: ReadonlyMap<string, Tensor>) => Promise<void>;
  },
): SaeFormat {
  return {
    name,
    summary,
    written: [file],
    files: (names) => (names.has(file) ? [file] : undefined),
    async read(backend, folder) {
      const path = join(folder, file);
      const sae = inBackend(backend, saeOf(path, await io.read(path)));
      return { sae, format: name, foreignArchitecture: "jumprelu" };
    },
    refusal: (sae) => refusalOf(sae, ["jumprelu"]),
    write: (folder, sae) => io.write(join(folder, file), tensorsOf(sae)),
  };
}

/** `gemma_scope`. */
export const gemmaScope = release(
  "gemma_scope",
  "params.npz",
  "params.npz, as Google published Gemma Scope",
  { read: readNpz, write: writeNpz },
);

/** `gemma_scope_2`. */
export const gemmaScope2 = release(
  "gemma_scope_2",
  "params.safetensors",
  "params.safetensors, as Google published Gemma Scope 2",
  {
    read: async (path) => (await readSafetensors(path)).tensors,
    write: (path, tensors) =>
      writeSafetensors(path, new Map(Array.from(tensors, ([n, t]) => [LOWER_CASE[n] ?? n, t]))),
  },
);
