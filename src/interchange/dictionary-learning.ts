/**
 * @file SAEs of dictionary_learning (saprmarks/dictionary_learning 0.1.0): `ae.pt`, a state dict of
 *   torch.save, beside `config.json` with `trainer.dict_class`. What each class computes follows
 *   `dictionary.py` and `trainers/` there.
 *
 *   AutoEncoder              ReLU(W (x − bias) + b),  decoder z + bias
 *   AutoEncoderNew           ReLU(W x + b),           decoder z + decoder.bias
 *   GatedAutoEncoder         gate and magnitude, folded into a JumpReLU (fold.ts)
 *   JumpReluAutoEncoder      score · (score > threshold), no bias subtracted from the input
 *   AutoEncoderTopK          the k largest of ReLU(W (x − b_dec) + b)
 *   BatchTopKSAE, MatryoshkaBatchTopKSAE
 *                            ReLU score where it exceeds the running threshold; all of them while
 *                            the threshold is unset (−1)
 *
 * With `backup_steps` ae.pt holds the trainer's state for a while, with the state dict under `ae`.
 */

import { join } from "node:path";
import type { Backend } from "../backend/backend.ts";
import { isObject } from "../base/json.ts";
import { asFloat32, type Tensor } from "../base/tensor.ts";
import { FormatError } from "../errors.ts";
import { writeFileAtomically } from "../formats/atomic-file.ts";
import { showName, showNames } from "../formats/show-name.ts";
import { openTorchFile, type TorchFile } from "../formats/torch/torch-file.ts";
import { writeTorchFile } from "../formats/torch/write-torch.ts";
import { centredBias, foldGate } from "../sae/fold.ts";
import type { Sae } from "../sae/sae.ts";
import { selectionName } from "../sae/selection.ts";
import {
  dictionaryLearningDifference,
  dictionaryLearningFiles,
} from "./dictionary-learning-files.ts";
import type { LoadedSae, SaeFormat } from "./format.ts";
import { countField, readJsonObject, unsupported } from "./json-fields.ts";
import { refusalOf } from "./refusal.ts";
import { inBackend, Weights } from "./weights.ts";

const WEIGHTS_FILE = "ae.pt";
const CONFIG_FILE = "config.json";

/** In a backup: what activations were divided by. */
const NORM_FACTOR = "norm_factor";

/** Arrays and selection of an SAE, the rest being its shape. */
type Parts = Pick<Sae, "selection" | "encoder" | "encoderBias" | "decoder" | "decoderBias">;

/** A linear layer's encoder [d_sae, d_in] and decoder, kept as [d_in, d_sae]. */
function linearLayers(weights: Weights): Pick<Parts, "encoder" | "decoder"> & { dSae: number } {
  const [dSae = 0, dIn = 0] = weights.shapeOf("encoder.weight");
  return {
    dSae,
    encoder: weights.take("encoder.weight", [dSae, dIn]),
    decoder: weights.takeTransposed("decoder.weight", [dSae, dIn]),
  };
}

function autoEncoder(weights: Weights): Parts {
  const { dSae, encoder, decoder } = linearLayers(weights);
  return {
    selection: { kind: "relu" },
    encoder,
    decoder,
    encoderBias: weights.take("encoder.bias", [dSae]),
    decoderBias: weights.take("bias", [decoder.length / dSae]),
  };
}

function autoEncoderNew(weights: Weights): Parts {
  const { dSae, encoder, decoder } = linearLayers(weights);
  const bias = weights.takeWide("encoder.bias", [dSae]);
  const decoderBias = weights.take("decoder.bias", [decoder.length / dSae]);
  const encoderBias = centredBias(encoder, bias, decoderBias);
  return { selection: { kind: "relu" }, encoder, decoder, encoderBias, decoderBias };
}

function gated(weights: Weights): Parts {
  const { dSae, encoder, decoder } = linearLayers(weights);
  const encoderBias = weights.take("mag_bias", [dSae]);
  const r = weights.take("r_mag", [dSae]);
  const thresholds = foldGate(encoder, r, encoderBias, weights.take("gate_bias", [dSae]));
  const decoderBias = weights.take("decoder_bias", [decoder.length / dSae]);
  return {
    selection: { kind: "jumprelu", thresholds },
    encoder,
    decoder,
    encoderBias,
    decoderBias,
  };
}

/** Matrices as named by the JumpReLU and Matryoshka classes: W_enc [d_in, d_sae], W_dec. */
function namedMatrices(weights: Weights) {
  const [dSae = 0, dIn = 0] = weights.shapeOf("W_dec");
  return {
    dSae,
    encoder: weights.takeTransposed("W_enc", [dSae, dIn]),
    decoder: weights.take("W_dec", [dSae, dIn]),
    decoderBias: weights.take("b_dec", [dIn]),
  };
}

function jumpRelu(weights: Weights): Parts {
  const { dSae, encoder, decoder, decoderBias } = namedMatrices(weights);
  const thresholds = weights.take("threshold", [dSae]);
  const encoderBias = centredBias(encoder, weights.takeWide("b_enc", [dSae]), decoderBias);
  return {
    // A score below zero is cut off by the ReLU after the threshold.
    selection: { kind: "jumprelu", thresholds: thresholds.map(atLeastZero) },
    encoder,
    decoder,
    encoderBias,
    decoderBias,
  };
}

const atLeastZero = (threshold: number) => Math.max(0, threshold);

/** ReLU scores above a threshold that all latents share; all of them while it is unset. */
function runningThreshold(weights: Weights, dSae: number): Sae["selection"] {
  const threshold = weights.scalar("threshold");
  weights.scalar("k");
  if (threshold < 0) return { kind: "relu" };
  return { kind: "jumprelu", thresholds: new Float32Array(dSae).fill(threshold) };
}

function linearWithBias(weights: Weights): Omit<Parts, "selection"> {
  const { dSae, encoder, decoder } = linearLayers(weights);
  return {
    encoder,
    decoder,
    encoderBias: weights.take("encoder.bias", [dSae]),
    decoderBias: weights.take("b_dec", [decoder.length / dSae]),
  };
}

function topK(weights: Weights, file: string): Parts {
  const parts = linearWithBias(weights);
  // The running threshold is for inference with `use_threshold`, which is not the default.
  weights.ignore("threshold");
  const k = countField(file, "k", weights.scalar("k"), parts.encoderBias.length);
  return { ...parts, selection: { kind: "topk", k, relu: true } };
}

function batchTopK(weights: Weights): Parts {
  const parts = linearWithBias(weights);
  return { ...parts, selection: runningThreshold(weights, parts.encoderBias.length) };
}

function matryoshka(weights: Weights): Parts {
  const { dSae, encoder, decoder, decoderBias } = namedMatrices(weights);
  const encoderBias = weights.take("b_enc", [dSae]);
  weights.ignore("group_sizes");
  const selection = runningThreshold(weights, dSae);
  return { selection, encoder, decoder, encoderBias, decoderBias };
}

/** A map, because an object also has keys such as `constructor`. */
const READERS: ReadonlyMap<string, (weights: Weights, file: string) => Parts> = new Map([
  ["AutoEncoder", autoEncoder],
  ["AutoEncoderNew", autoEncoderNew],
  ["GatedAutoEncoder", gated],
  ["JumpReluAutoEncoder", jumpRelu],
  ["AutoEncoderTopK", topK],
  ["BatchTopKSAE", batchTopK],
  ["MatryoshkaBatchTopKSAE", matryoshka],
]);

/**
 * A trainer that normalises activations has biases for rows divided by `norm_factor`. Checkpoints
 * and the last ae.pt have them scaled; a backup has not.
 *
 * @throws {FormatError} when a backup has such a factor.
 */
async function requireRowsAsTheyCome(torch: TorchFile): Promise<void> {
  const isTensor = torch.names.includes(NORM_FACTOR);
  const values = isTensor
    ? [...asFloat32(await torch.read(NORM_FACTOR))]
    : [torch.plain.get(NORM_FACTOR) ?? 1];
  if (values.length === 1 && values[0] === 1) return;
  const shown = showName(values.length === 1 ? String(values[0]) : `${values.length} numbers`);
  throw new FormatError(
    torch.path,
    `expected biases for activations as they come but ${NORM_FACTOR} is ${shown}: they are for activations divided by it.`,
    {
      hint: "It is the backup of unfinished training. Copy a file of checkpoints/ here as ae.pt, or take the ae.pt of the finished training.",
    },
  );
}

/** The state dict of ae.pt: at the top, or under `ae` of a trainer's backup. */
async function readStateDict(file: string): Promise<Map<string, Tensor>> {
  const torch = await openTorchFile(file);
  try {
    await requireRowsAsTheyCome(torch);
    const backup = torch.names.some((name) => name.startsWith("ae."));
    const tensors = new Map<string, Tensor>();
    for (const name of torch.names) {
      if (backup && !name.startsWith("ae.")) continue;
      tensors.set(backup ? name.slice("ae.".length) : name, await torch.read(name));
    }
    return tensors;
  } finally {
    await torch.close();
  }
}

function textField(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

async function read(backend: Backend, folder: string): Promise<LoadedSae> {
  const configFile = join(folder, CONFIG_FILE);
  const { trainer } = await readJsonObject(configFile);
  if (!isObject(trainer)) throw new FormatError(configFile, "has no object under trainer.");
  const { dict_class: dictClass } = trainer;
  const readParts = typeof dictClass === "string" ? READERS.get(dictClass) : undefined;
  if (!readParts) {
    const known = showNames([...READERS.keys()]);
    throw unsupported(configFile, "trainer.dict_class", dictClass, known);
  }
  const file = join(folder, WEIGHTS_FILE);
  const weights = new Weights(file, await readStateDict(file));
  const parts = readParts(weights, file);
  weights.requireAllTaken(String(dictClass));
  const dSae = parts.encoderBias.length;
  const sae = {
    ...parts,
    architecture: selectionName(parts.selection),
    dIn: parts.encoder.length / dSae,
    dSae,
  };
  return {
    sae: inBackend(backend, sae),
    format: dictionaryLearning.name,
    foreignArchitecture: String(dictClass),
    modelName: textField(trainer["lm_name"]),
    hookName: textField(trainer["submodule_name"]),
    seed: typeof trainer["seed"] === "number" ? trainer["seed"] : undefined,
  };
}

/** `dictionary_learning`. */
export const dictionaryLearning: SaeFormat = {
  name: "dictionary_learning",
  summary: "ae.pt and config.json, as saprmarks/dictionary_learning saves them",
  written: [WEIGHTS_FILE, CONFIG_FILE],
  files: (names) =>
    names.has(WEIGHTS_FILE) && names.has(CONFIG_FILE) ? [WEIGHTS_FILE, CONFIG_FILE] : undefined,
  read,
  refusal: (sae) => refusalOf(sae, ["relu", "topk", "jumprelu"]),
  async write(folder, sae, origin) {
    const { tensors, config } = dictionaryLearningFiles(sae, origin);
    await writeTorchFile(join(folder, WEIGHTS_FILE), tensors);
    await writeFileAtomically(join(folder, CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`);
  },
  difference: dictionaryLearningDifference,
};
