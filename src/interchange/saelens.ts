/**
 * @file The folder in which an SAE is kept: cfg.json and sae_weights.safetensors as SAELens 6 reads
 *   them (`SAE.load_from_disk`), with what Concord knows beyond that under `metadata.concord`.
 *
 * Tensors: W_enc [d_in, d_sae], W_dec [d_sae, d_in], b_enc [d_sae], b_dec [d_in] (zeros where the
 * architecture has none), and what the selection needs beside them; see `sae/saelens-forms.ts`.
 */

import { join } from "node:path";
import type { Backend } from "../backend/backend.ts";
import { float32Tensor, transposed } from "../base/tensor.ts";
import { writeFileAtomically } from "../formats/atomic-file.ts";
import { makeFolder } from "../formats/make-folder.ts";
import { writeSafetensors } from "../formats/safetensors-file.ts";
import type { Sae } from "../sae/sae.ts";
import { saelensForm } from "../sae/saelens-forms.ts";
import { readJsonObject } from "./json-fields.ts";
import { isOwnFolder, loadOwnSae, OWN_FILES, saveOwnSae } from "./own-folder.ts";
import { readSaeConfig } from "./saelens-config.ts";
import { readSaeWeights } from "./saelens-weights.ts";

/** In an SAE's folder: its shape, its architecture and what is known of its training. */
export const SAE_CONFIG_FILE = "cfg.json";
/** The weights, in the same folder. */
export const SAE_WEIGHTS_FILE = "sae_weights.safetensors";

/** The files of the folder `path`. */
export function saeFiles(path: string): string[] {
  const names = isOwnFolder(path) ? OWN_FILES : [SAE_CONFIG_FILE, SAE_WEIGHTS_FILE];
  return names.map((name) => join(path, name));
}

/** Where the activations came from, in SAELens's words; unknown entries are left out. */
export interface SaeMetadata {
  readonly model_name?: string;
  readonly hook_name?: string;
  readonly context_size?: number;
  readonly dataset_path?: string;
  readonly [key: string]: unknown;
}

/**
 * The newest SAELens that this folder was tested with: it reads a folder without a version as one
 * of before version 6.
 */
const SAELENS_VERSION = "6.54.12";

/**
 * Writes the folder `path`; each file is replaced atomically. A factor by which activations are
 * multiplied is folded into the weights, as SAELens's fold_activation_norm_scaling_factor does:
 * W_enc · factor, W_dec / factor, b_dec / factor.
 *
 * An SAE with an encoder of its own gets a folder of the other form; see own-folder.ts.
 */
export async function saveSae(path: string, sae: Sae, metadata: SaeMetadata = {}): Promise<void> {
  if (sae.ownEncoder) return saveOwnSae(path, sae, metadata);
  const { dIn, dSae, rowNormalization = "none" } = sae;
  const factor = typeof rowNormalization === "object" ? rowNormalization.factor : 1;
  const multiplied = (values: Float32Array, by: number) =>
    by === 1 ? values : values.map((v) => v * by);
  const form = saelensForm(sae.selection);
  const encoder = transposed(sae.encoder, dSae, dIn);
  if (factor !== 1) for (let i = 0; i < encoder.length; i++) encoder[i]! *= factor;
  const bDec = sae.decoderBias ?? new Float32Array(dIn);
  const tensors = new Map([
    ["W_enc", float32Tensor([dIn, dSae], encoder)],
    ["W_dec", float32Tensor([dSae, dIn], multiplied(sae.decoder, 1 / factor))],
    ["b_enc", float32Tensor([dSae], sae.encoderBias)],
    ["b_dec", float32Tensor([dIn], multiplied(bDec, 1 / factor))],
  ]);
  for (const [name, values] of Object.entries(form.tensors))
    tensors.set(name, float32Tensor([dSae], values));
  const config = {
    architecture: form.name,
    d_in: dIn,
    d_sae: dSae,
    dtype: "float32",
    device: "cpu",
    apply_b_dec_to_input: true,
    normalize_activations: typeof rowNormalization === "string" ? rowNormalization : "none",
    reshape_activations: "none",
    ...form.keys,
    metadata: {
      // SAELens would put its own version here.
      sae_lens_training_version: null,
      ...metadata,
      sae_lens_version: SAELENS_VERSION,
      concord: {
        architecture: sae.architecture,
        selection: form.own,
        b_dec: sae.decoderBias !== undefined,
      },
    },
  };
  await makeFolder(path);
  await writeSafetensors(join(path, SAE_WEIGHTS_FILE), tensors);
  await writeFileAtomically(join(path, SAE_CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`);
}

/**
 * What an SAE's folder says of its training: `metadata` of cfg.json.
 *
 * @returns An empty object when it says nothing.
 * @throws {FormatError} when the file is not a JSON object, {ConcordError} `file/missing` naming
 *   it.
 */
export async function readSaeMetadata(path: string): Promise<SaeMetadata> {
  const { metadata } = await readJsonObject(join(path, SAE_CONFIG_FILE));
  return typeof metadata === "object" && metadata !== null ? (metadata as SaeMetadata) : {};
}

/**
 * Reads an SAE from such a folder: one of ours, or one that any version of SAELens saved as
 * `standard`, `topk`, `jumprelu` or `gated`. What SAELens does at run time is folded into the
 * weights (see saelens-weights.ts) or kept as `rowNormalization`.
 *
 * @throws {FormatError} when a file is not what it should be or asks for something unsupported,
 *   {ShapeError} when the weights do not fit the config, {ConcordError} `file/missing` naming the
 *   file.
 */
export async function loadSae(backend: Backend, path: string): Promise<Sae> {
  if (isOwnFolder(path)) return loadOwnSae(backend, path);
  const config = await readSaeConfig(join(path, SAE_CONFIG_FILE));
  const { dIn, dSae, rowNormalization } = config;
  const weights = await readSaeWeights(join(path, SAE_WEIGHTS_FILE), config);
  const aligned = (values: Float32Array) => {
    const out = backend.float32(values.length);
    out.set(values);
    return out;
  };
  return {
    architecture: config.architecture,
    selection: weights.selection,
    dIn,
    dSae,
    encoder: aligned(weights.encoder),
    decoder: aligned(weights.decoder),
    encoderBias: aligned(weights.encoderBias),
    decoderBias: weights.decoderBias && aligned(weights.decoderBias),
    ...(rowNormalization && { rowNormalization }),
  };
}

/** Bytes of the tensors of a saved SAE. */
export function saeBytes({ dIn, dSae }: Pick<Sae, "dIn" | "dSae">): number {
  return 4 * (2 * dSae * dIn + dSae + dIn);
}

/**
 * Bytes that saving an SAE takes for a moment: the encoder turned, and where a factor is folded in,
 * a copy of the decoder.
 */
export function savingBytes({ dIn, dSae }: Pick<Sae, "dIn" | "dSae">, hasFactor: boolean): number {
  return (hasFactor ? 2 : 1) * 4 * dIn * dSae;
}
