/**
 * @file SAEs of sparsify (EleutherAI/sparsify 1.3): `cfg.json` and `sae.safetensors` with
 *   encoder.weight [d_sae, d_in], encoder.bias, W_dec [d_sae, d_in] and b_dec.
 *
 *   z = the k largest of ReLU(W_enc (x − b_dec) + b_enc),  x̂ = z W_dec + b_dec
 *
 * W_dec is not transposed in these files. SAELens 6 transposes it, and so cannot load them.
 */

import { join } from "node:path";
import type { Backend } from "../backend/backend.ts";
import type { Json } from "../base/json.ts";
import { float32Tensor } from "../base/tensor.ts";
import { writeFileAtomically } from "../formats/atomic-file.ts";
import { readSafetensors, writeSafetensors } from "../formats/safetensors-file.ts";
import type { Sae } from "../sae/sae.ts";
import type { LoadedSae, SaeFormat } from "./format.ts";
import { booleanField, countField, readJsonObject, unsupported } from "./json-fields.ts";
import { refusalOf } from "./refusal.ts";
import { inBackend, Weights } from "./weights.ts";

const WEIGHTS_FILE = "sae.safetensors";
const CONFIG_FILE = "cfg.json";

/** Keys that change what is computed, and the only value that is understood. */
const MUST_BE_FALSE = ["skip_connection", "transcode", "signed"];

/** Keys of training, or that shapes say already. */
const HARMLESS = new Set([
  "activation",
  "expansion_factor",
  "normalize_decoder",
  "num_latents",
  "k",
  "multi_topk",
  "d_in",
  ...MUST_BE_FALSE,
]);

function checkKeys(file: string, config: Json): void {
  for (const key of MUST_BE_FALSE)
    if (booleanField(file, config, key, false))
      throw unsupported(file, key, true, "only SAEs that reconstruct their own input");
  const activation = config["activation"] ?? "topk";
  if (activation !== "topk") throw unsupported(file, "activation", activation, "topk");
  for (const key of Object.keys(config))
    if (!HARMLESS.has(key))
      throw unsupported(file, key, config[key], "what it does to the SAE is not known");
}

async function read(backend: Backend, folder: string): Promise<LoadedSae> {
  const file = join(folder, WEIGHTS_FILE);
  const configFile = join(folder, CONFIG_FILE);
  const config = await readJsonObject(configFile);
  checkKeys(configFile, config);
  const weights = new Weights(file, (await readSafetensors(file)).tensors);
  const [dSae = 0, dIn = 0] = weights.shapeOf("encoder.weight");
  // First, so that an encoder that is not a matrix is not blamed on the config.
  const encoder = weights.take("encoder.weight", [dSae, dIn]);
  const sae = {
    architecture: "topk",
    selection: {
      kind: "topk",
      k: countField(configFile, "k", config["k"], dSae),
      relu: true,
    } as const,
    dIn: countField(configFile, "d_in", config["d_in"] ?? dIn, Number.MAX_SAFE_INTEGER),
    dSae,
    encoder,
    encoderBias: weights.take("encoder.bias", [dSae]),
    decoder: weights.take("W_dec", [dSae, dIn]),
    decoderBias: weights.take("b_dec", [dIn]),
  };
  if (sae.dIn !== dIn) throw unsupported(configFile, "d_in", sae.dIn, `${file} has ${dIn}`);
  weights.requireAllTaken("topk");
  return { sae: inBackend(backend, sae), format: sparsify.name, foreignArchitecture: "topk" };
}

async function write(folder: string, sae: Sae): Promise<void> {
  const { dIn, dSae, selection, decoderBias = new Float32Array(dIn) } = sae;
  if (selection.kind !== "topk") throw new Error("refused before");
  const tensors = new Map([
    ["W_dec", float32Tensor([dSae, dIn], sae.decoder)],
    ["b_dec", float32Tensor([dIn], decoderBias)],
    ["encoder.bias", float32Tensor([dSae], sae.encoderBias)],
    ["encoder.weight", float32Tensor([dSae, dIn], sae.encoder)],
  ]);
  const config = {
    activation: "topk",
    num_latents: dSae,
    k: selection.k,
    // Of a start of training: the rows of W_dec are what they are.
    normalize_decoder: false,
    skip_connection: false,
    transcode: false,
    d_in: dIn,
  };
  await writeSafetensors(join(folder, WEIGHTS_FILE), tensors);
  await writeFileAtomically(join(folder, CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`);
}

/** `sparsify`. */
export const sparsify: SaeFormat = {
  name: "sparsify",
  summary: "cfg.json and sae.safetensors, as EleutherAI/sparsify saves them",
  written: [WEIGHTS_FILE, CONFIG_FILE],
  files: (names) =>
    names.has(WEIGHTS_FILE) && names.has(CONFIG_FILE) ? [WEIGHTS_FILE, CONFIG_FILE] : undefined,
  read,
  refusal: (sae) => refusalOf(sae, ["topk"]),
  write,
};
