/**
 * @file SAEs of OpenAI (Gao et al. 2024, arXiv:2406.04093; openai/sparse_autoencoder at 4965b94):
 *   one file of torch.save, a state dict with pre_bias [d_in], latent_bias [d_sae], encoder.weight
 *   [d_sae, d_in], decoder.weight [d_in, d_sae], counters, and what its activation is.
 *
 *   z = act(W_enc (x' − pre_bias) + latent_bias),  x̂' = W_dec z + pre_bias
 *
 * `Autoencoder.from_state_dict` normalises rows (layer_norm) exactly where the activation is TopK,
 * and takes ReLU where the file names none. Some files keep the arguments of the class beside the
 * state dict, or around it under `state_dict`: tied and normalize are honoured.
 */

import { join } from "node:path";
import type { Backend } from "../backend/backend.ts";
import { float32Tensor, type Tensor, tensor, transposed } from "../base/tensor.ts";
import { FormatError } from "../errors.ts";
import { openTorchFile } from "../formats/torch/torch-file.ts";
import { type TorchValue, writeTorchFile } from "../formats/torch/write-torch.ts";
import type { Sae, SaeSelection } from "../sae/sae.ts";
import type { LoadedSae, SaeFormat } from "./format.ts";
import { countField, unsupported } from "./json-fields.ts";
import { normalizationRefusal } from "./refusal.ts";
import { type PlainValues, Settings } from "./settings.ts";
import { inBackend, Weights } from "./weights.ts";

/** The name of a file that is written; one of any other name is read too. */
const FILE = "autoencoder.pt";

/** Files beside which a .pt file is of another format. */
const CONFIG = /^(cfg|config|runner_cfg)\.json$/;

/** Counters of training. */
const COUNTERS = ["stats_last_nonzero", "latents_activation_frequency", "latents_mean_square"];

/** Values that say nothing of the arithmetic, or what the shapes say. */
const HARMLESS = ["n_latents", "n_inputs", "d_model", "step", "dtype"];

function selectionOf(file: string, settings: Settings, dSae: number): SaeSelection {
  const name = settings.take("activation") ?? "ReLU";
  if (name === "ReLU") return { kind: "relu" };
  if (name !== "TopK") throw unsupported(file, "activation", name, "ReLU and TopK are");
  const k = countField(file, "activation_state_dict.k", settings.ofActivation("k"), dSae);
  const after = settings.ofActivation("postact_fn") ?? "ReLU";
  if (after !== "ReLU" && after !== "Identity")
    throw unsupported(file, "activation_state_dict.postact_fn", after, "ReLU and Identity are");
  return { kind: "topk", k, relu: after === "ReLU" };
}

/**
 * The decoder [d_sae, d_in]. One that is tied (TiedTranspose) is the encoder, which the file may
 * hold a second time.
 */
function decoderOf(
  file: string,
  weights: Weights,
  encoder: Float32Array,
  shape: readonly [number, number],
  tied: boolean,
): Float32Array {
  const twin = "decoder.linear.weight";
  const isTied = tied || weights.has(twin);
  let decoder: Float32Array;
  if (weights.has(twin)) decoder = weights.take(twin, shape);
  else if (isTied && !weights.has("decoder.weight")) decoder = encoder.slice();
  else decoder = weights.takeTransposed("decoder.weight", shape);
  if (isTied && decoder.some((w, i) => w !== encoder[i]))
    throw new FormatError(file, "its decoder is not its encoder, which it is tied to.", {
      hint: "The file was changed after it was saved: take the original.",
    });
  return decoder;
}

function saeOf(file: string, tensors: ReadonlyMap<string, Tensor>, plain: PlainValues): Sae {
  const settings = new Settings(file, plain);
  const weights = new Weights(file, tensors);
  const [dSae = 0, dIn = 0] = weights.shapeOf("encoder.weight");
  const encoder = weights.take("encoder.weight", [dSae, dIn]);
  const selection = selectionOf(file, settings, dSae);
  const isNormalized = settings.flag("normalize", selection.kind === "topk");
  const decoder = decoderOf(file, weights, encoder, [dSae, dIn], settings.flag("tied", false));
  for (const name of HARMLESS) settings.take(name);
  settings.requireAllTaken();
  weights.ignore(...COUNTERS);
  const sae: Sae = {
    architecture: selection.kind,
    selection,
    dIn,
    dSae,
    encoder,
    decoder,
    encoderBias: weights.take("latent_bias", [dSae]),
    decoderBias: weights.take("pre_bias", [dIn]),
    ...(isNormalized && { rowNormalization: "layer_norm" }),
  };
  weights.requireAllTaken("an autoencoder of OpenAI");
  return sae;
}

/** What a file has at the top, or under `state_dict` and beside it. */
async function readStateDict(path: string) {
  const file = await openTorchFile(path);
  try {
    const short = (name: string) => name.replace(/^state_dict\./, "");
    const tensors = new Map<string, Tensor>();
    for (const name of file.names) tensors.set(short(name), await file.read(name));
    return { tensors, plain: new Map(Array.from(file.plain, ([n, value]) => [short(n), value])) };
  } finally {
    await file.close();
  }
}

async function read(
  backend: Backend,
  folder: string,
  files: readonly string[],
): Promise<LoadedSae> {
  const path = join(folder, files[0]!);
  const { tensors, plain } = await readStateDict(path);
  const sae = inBackend(backend, saeOf(path, tensors, plain));
  const foreignArchitecture = sae.selection.kind === "topk" ? "TopK" : "ReLU";
  return { sae, format: openai.name, foreignArchitecture };
}

async function write(folder: string, sae: Sae): Promise<void> {
  const { dIn, dSae, selection, decoderBias = new Float32Array(dIn) } = sae;
  const isTopK = selection.kind === "topk";
  const state = isTopK
    ? [["k", selection.k] as const, ["postact_fn", selection.relu ? "ReLU" : "Identity"] as const]
    : [];
  await writeTorchFile(
    join(folder, FILE),
    new Map<string, TorchValue>([
      ["pre_bias", float32Tensor([dIn], decoderBias)],
      ["latent_bias", float32Tensor([dSae], sae.encoderBias)],
      // As in an autoencoder that has seen no rows yet.
      ["stats_last_nonzero", tensor("int64", [dSae], new BigInt64Array(dSae))],
      ["latents_activation_frequency", float32Tensor([dSae], new Float32Array(dSae).fill(1))],
      ["latents_mean_square", float32Tensor([dSae], new Float32Array(dSae))],
      ["encoder.weight", float32Tensor([dSae, dIn], sae.encoder)],
      ["decoder.weight", float32Tensor([dIn, dSae], transposed(sae.decoder, dSae, dIn))],
      ["activation", isTopK ? "TopK" : "ReLU"],
      ["activation_state_dict", new Map<string, TorchValue>(state)],
    ]),
  );
}

/** Rows are normalised for TopK and for nothing else. */
function refusal(sae: Sae): string | undefined {
  const { selection, rowNormalization } = sae;
  if (selection.kind === "jumprelu") return "has no thresholds, and this SAE selects by them";
  if (selection.kind === "relu") return normalizationRefusal(sae);
  return rowNormalization === "layer_norm"
    ? undefined
    : "normalises rows (layer_norm) before its k largest, and this SAE does not";
}

/** `openai`. */
export const openai: SaeFormat = {
  name: "openai",
  summary: "one .pt file, as openai/sparse_autoencoder saves it",
  written: [FILE],
  // Programs also leave .pt files in folders with configs, or several of them.
  files(names) {
    const found = [...names].filter((name) => name.endsWith(".pt"));
    const isAlone = found.length === 1 && ![...names].some((name) => CONFIG.test(name));
    return isAlone ? found : undefined;
  },
  read,
  refusal,
  write,
};
