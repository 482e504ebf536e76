/**
 * @file SAEs of Gemma Scope (Lieberum et al. 2024, arXiv:2408.05147): `params.npz` with W_enc
 *   [d_in, d_sae], W_dec [d_sae, d_in], b_enc, b_dec and threshold. Its second release keeps the
 *   same under lower-case names in `params.safetensors`, with a `config.json`.
 *
 *   z = s · (s > threshold),  s = x W_enc + b_enc,  x̂ = z W_dec + b_dec
 *
 * b_enc is written as float64 where b_enc − W_encᵀ b_dec needs it to come back as it was.
 */

import { join } from "node:path";
import { float32Tensor, type Tensor, transposed } from "../base/tensor.ts";
import { writeFileAtomically } from "../formats/atomic-file.ts";
import { readNpz, writeNpz } from "../formats/npz.ts";
import { readSafetensors, writeSafetensors } from "../formats/safetensors-file.ts";
import { centredBias, uncentredBias } from "../sae/fold.ts";
import type { Sae } from "../sae/sae.ts";
import type { LoadedSae, SaeFormat, SaeOrigin } from "./format.ts";
import { readJsonObject, shown, unsupported } from "./json-fields.ts";
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

const NPZ = "params.npz";
const SAFETENSORS = "params.safetensors";

/** Beside the weights of the second release; it may be missing. */
const CONFIG = "config.json";

/**
 * What config.json says of the SAE's origin.
 *
 * @throws {FormatError} for another architecture, and for a transcoder, whose tensors have the same
 *   names and shapes as an SAE's.
 */
async function originOf(file: string): Promise<Pick<LoadedSae, "modelName" | "hookName">> {
  const config = await readJsonObject(file);
  const { architecture, model_name: model, hf_hook_point_in: from, hf_hook_point_out: to } = config;
  if (architecture !== undefined && architecture !== "jump_relu")
    throw unsupported(file, "architecture", architecture, "jump_relu is");
  if (to !== undefined && to !== from)
    throw unsupported(file, "hf_hook_point_out", to, `only SAEs of one place are: ${shown(from)}`);
  return {
    modelName: typeof model === "string" ? model : undefined,
    hookName: typeof from === "string" ? from : undefined,
  };
}

function configOf({ modelName, hookName }: SaeOrigin): string {
  const config = {
    architecture: "jump_relu",
    ...(modelName !== undefined && { model_name: modelName }),
    ...(hookName !== undefined && { hf_hook_point_in: hookName, hf_hook_point_out: hookName }),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** `gemma_scope`. */
export const gemmaScope: SaeFormat = {
  name: "gemma_scope",
  summary: "params.npz, as Google published Gemma Scope",
  written: [NPZ],
  files: (names) => (names.has(NPZ) ? [NPZ] : undefined),
  async read(backend, folder) {
    const path = join(folder, NPZ);
    const sae = inBackend(backend, saeOf(path, await readNpz(path)));
    return { sae, format: gemmaScope.name, foreignArchitecture: "jumprelu" };
  },
  refusal: (sae) => refusalOf(sae, ["jumprelu"]),
  write: (folder, sae) => writeNpz(join(folder, NPZ), tensorsOf(sae)),
};

/** `gemma_scope_2`. */
export const gemmaScope2: SaeFormat = {
  name: "gemma_scope_2",
  summary: "params.safetensors, as Google published Gemma Scope 2",
  written: [SAFETENSORS, CONFIG],
  files(names) {
    if (!names.has(SAFETENSORS)) return undefined;
    return names.has(CONFIG) ? [SAFETENSORS, CONFIG] : [SAFETENSORS];
  },
  async read(backend, folder, files) {
    const path = join(folder, SAFETENSORS);
    const origin = files.includes(CONFIG) ? await originOf(join(folder, CONFIG)) : {};
    const sae = inBackend(backend, saeOf(path, (await readSafetensors(path)).tensors));
    return { sae, format: gemmaScope2.name, foreignArchitecture: "jumprelu", ...origin };
  },
  refusal: (sae) => refusalOf(sae, ["jumprelu"]),
  async write(folder, sae, origin) {
    const lower = Array.from(tensorsOf(sae), ([n, t]): [string, Tensor] => [LOWER_CASE[n] ?? n, t]);
    await writeSafetensors(join(folder, SAFETENSORS), new Map(lower));
    await writeFileAtomically(join(folder, CONFIG), configOf(origin));
  },
};
