/**
 * @file The folder in which an SAE is kept: cfg.json and sae_weights.safetensors as SAELens 6 reads them (`SAE.load_from_disk`),
 * with what Concord knows beyond that under `metadata.concord`.
 *
 * Tensors: W_enc [d_in, d_sae], W_dec [d_sae, d_in], b_enc [d_sae], b_dec [d_in] (zeros where the architecture has none).
 * SAELens's `topk` applies a ReLU; `topk_tied` keeps negative activations, so there the two differ where one is in the top k.
 */

import { join } from "node:path";
import type { Backend } from "../backend/backend.ts";
import { FormatError, ShapeError } from "../errors.ts";
import { writeFileAtomically } from "../formats/atomic-file.ts";
import { makeFolder } from "../formats/make-folder.ts";
import { readSafetensors, writeSafetensors } from "../formats/safetensors-file.ts";
import { showNames } from "../formats/show-name.ts";
import { asFloat32, float32Tensor, showShape, transposed } from "../tensor/tensor.ts";
import { architectureNamed } from "./registry.ts";
import type { Sae } from "./sae.ts";
import { readSaeConfig, readSaeJson } from "./saelens-config.ts";

/** In an SAE's folder: its shape, its architecture and what is known of its training. */
export const SAE_CONFIG_FILE = "cfg.json";
const WEIGHTS_FILE = "sae_weights.safetensors";

/** The files of the folder `path`. */
export function saeFiles(path: string): string[] {
  return [join(path, SAE_CONFIG_FILE), join(path, WEIGHTS_FILE)];
}

/** Where the activations came from, in SAELens's words; unknown entries are left out. */
export interface SaeMetadata {
  readonly model_name?: string;
  readonly hook_name?: string;
  readonly context_size?: number;
  readonly dataset_path?: string;
  readonly [key: string]: unknown;
}

/** Writes the folder `path`; each file is replaced atomically. */
export async function saveSae(path: string, sae: Sae, metadata: SaeMetadata = {}): Promise<void> {
  const { dIn, dSae, selection } = sae;
  const topk = selection.kind === "topk";
  const config = {
    architecture: architectureNamed(sae.architecture).saelens,
    d_in: dIn,
    d_sae: dSae,
    dtype: "float32",
    device: "cpu",
    apply_b_dec_to_input: true,
    normalize_activations: "none",
    reshape_activations: "none",
    ...(topk ? { k: selection.k, rescale_acts_by_decoder_norm: false } : {}),
    metadata: {
      ...metadata,
      concord: { architecture: sae.architecture, selection, b_dec: sae.decoderBias !== undefined },
    },
  };
  const tensors = new Map([
    ["W_enc", float32Tensor([dIn, dSae], transposed(sae.encoder, dSae, dIn))],
    ["W_dec", float32Tensor([dSae, dIn], sae.decoder)],
    ["b_enc", float32Tensor([dSae], sae.encoderBias)],
    ["b_dec", float32Tensor([dIn], sae.decoderBias ?? new Float32Array(dIn))],
  ]);
  await makeFolder(path);
  await writeSafetensors(join(path, WEIGHTS_FILE), tensors);
  await writeFileAtomically(join(path, SAE_CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`);
}

/**
 * What an SAE's folder says of its training: `metadata` of cfg.json.
 *
 * @returns An empty object when it says nothing.
 * @throws {FormatError} when the file is no JSON object, {ConcordError} `file/missing` naming it.
 */
export async function readSaeMetadata(path: string): Promise<SaeMetadata> {
  const { metadata } = await readSaeJson(join(path, SAE_CONFIG_FILE));
  return typeof metadata === "object" && metadata !== null ? (metadata as SaeMetadata) : {};
}

/** An encoder that takes x, as one that takes x − b_dec: W x + b = W (x − b_dec) + (b + W b_dec). */
function centred(encoder: Float32Array, bias: Float32Array, bDec: Float32Array): Float32Array {
  const dIn = bDec.length;
  return bias.map((b, j) => {
    let sum = b;
    for (let i = 0; i < dIn; i++) sum += encoder[j * dIn + i]! * bDec[i]!;
    return sum;
  });
}

/** Multiplies scores by the norms of the atoms and divides the atoms by them, in place. */
function rescale(encoder: Float32Array, bias: Float32Array, decoder: Float32Array): void {
  const [dSae, dIn] = [bias.length, decoder.length / bias.length];
  for (let j = 0; j < dSae; j++) {
    let squares = 0;
    for (let i = j * dIn; i < (j + 1) * dIn; i++) squares += decoder[i]! ** 2;
    const norm = Math.sqrt(squares);
    bias[j]! *= norm;
    for (let i = j * dIn; i < (j + 1) * dIn; i++) {
      encoder[i]! *= norm;
      decoder[i]! /= norm || 1;
    }
  }
}

/**
 * Reads an SAE from such a folder: one of ours, or SAELens's `topk` or `standard` without input normalisation. Weights that SAELens
 * uses in another way are brought into ours: apply_b_dec_to_input: false, rescale_acts_by_decoder_norm: true.
 *
 * @throws {FormatError} when a file is not what it should be or asks for something unsupported, {ShapeError} when the weights do
 *   not fit the config, {ConcordError} `file/missing` naming the file.
 */
export async function loadSae(backend: Backend, path: string): Promise<Sae> {
  const config = await readSaeConfig(join(path, SAE_CONFIG_FILE));
  const { dIn, dSae } = config;
  const file = join(path, WEIGHTS_FILE);
  const { tensors } = await readSafetensors(file);
  const take = (name: string, shape: readonly number[]): Float32Array => {
    const found = tensors.get(name);
    if (!found)
      throw new FormatError(
        file,
        `has no tensor ${name} (it has ${showNames([...tensors.keys()])}).`,
      );
    if (showShape(found.shape) !== showShape(shape))
      throw new ShapeError(`${file}: ${name}`, showShape(shape), showShape(found.shape));
    const values = asFloat32(found);
    if (!values.every(Number.isFinite))
      throw new FormatError(file, `${name} holds a number that is not finite.`);
    return values;
  };
  const aligned = (values: Float32Array) => {
    const out = backend.float32(values.length);
    out.set(values);
    return out;
  };
  const bDec = take("b_dec", [dIn]);
  const encoder = transposed(take("W_enc", [dIn, dSae]), dIn, dSae);
  const decoder = aligned(take("W_dec", [dSae, dIn]));
  const bEnc = take("b_enc", [dSae]);
  const encoderBias = aligned(config.uncentred ? centred(encoder, bEnc, bDec) : bEnc);
  if (config.rescaled) rescale(encoder, encoderBias, decoder);
  return {
    ...{ selection: config.selection, architecture: config.architecture, dIn, dSae },
    ...{ encoder: aligned(encoder), decoder, encoderBias },
    decoderBias: config.decoderBias ? aligned(bDec) : undefined,
  };
}
