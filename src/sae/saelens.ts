/**
 * @file The folder in which an SAE is kept: cfg.json and sae_weights.safetensors as SAELens 6 reads them (`SAE.load_from_disk`),
 * with what Concord knows beyond that under `metadata.concord`.
 *
 * Tensors: W_enc [d_in, d_sae], W_dec [d_sae, d_in], b_enc [d_sae], b_dec [d_in] (zeros where the architecture has none).
 * SAELens's `topk` applies a ReLU; `topk_tied` keeps negative activations, so there the two differ where one is in the top k.
 */

import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Backend } from "../backend/backend.ts";
import { FormatError, messageOf, ShapeError } from "../errors.ts";
import { writeFileAtomically } from "../formats/atomic-file.ts";
import { ioError } from "../formats/io-error.ts";
import { readSafetensors, writeSafetensors } from "../formats/safetensors-file.ts";
import { asFloat32, float32Tensor, showShape, transposed } from "../tensor/tensor.ts";
import { architectureNamed } from "./registry.ts";
import type { Sae } from "./sae.ts";

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
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw ioError(error, "make the folder", path);
  }
  await writeSafetensors(join(path, WEIGHTS_FILE), tensors);
  await writeFileAtomically(join(path, SAE_CONFIG_FILE), `${JSON.stringify(config, null, 2)}\n`);
}

interface ReadConfig {
  readonly architecture: string;
  readonly dIn: number;
  readonly dSae: number;
  readonly selection: Sae["selection"];
  readonly decoderBias: boolean;
}

async function readConfigFile(path: string): Promise<Record<string, unknown>> {
  const file = join(path, SAE_CONFIG_FILE);
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw new FormatError(file, `not JSON: ${messageOf(error)}`);
    throw ioError(error, "read", file);
  }
  if (typeof json === "object" && json !== null) return json as Record<string, unknown>;
  throw new FormatError(file, "expected a JSON object");
}

/**
 * What an SAE's folder says of its training: `metadata` of cfg.json.
 *
 * @returns An empty object when it says nothing.
 * @throws {FormatError} when the file is no JSON object, {ConcordError} `file/missing` naming it.
 */
export async function readSaeMetadata(path: string): Promise<SaeMetadata> {
  return ((await readConfigFile(path))["metadata"] ?? {}) as SaeMetadata;
}

async function readConfig(path: string): Promise<ReadConfig> {
  const file = join(path, SAE_CONFIG_FILE);
  const json = await readConfigFile(path);
  const integer = (key: string) => {
    const value = json[key];
    if (typeof value !== "number" || !Number.isInteger(value) || value < 1)
      throw new FormatError(
        file,
        `expected a positive integer for ${key} but found ${JSON.stringify(value)}`,
      );
    return value;
  };
  const [dIn, dSae] = [integer("d_in"), integer("d_sae")];
  const metadata = (json["metadata"] ?? {}) as { concord?: Record<string, unknown> };
  const own = metadata.concord;
  if (own)
    return {
      ...{
        dIn,
        dSae,
        architecture: String(own["architecture"]),
        decoderBias: own["b_dec"] === true,
      },
      selection: own["selection"] as Sae["selection"],
    };
  const untouched =
    (json["normalize_activations"] ?? "none") === "none" &&
    (json["reshape_activations"] ?? "none") === "none";
  if (!untouched)
    throw new FormatError(
      file,
      "normalize_activations and reshape_activations other than none are not supported",
    );
  if (json["architecture"] === "topk") {
    if (json["rescale_acts_by_decoder_norm"] === true)
      throw new FormatError(
        file,
        "rescale_acts_by_decoder_norm is not supported; fold the norms into the weights",
      );
    return {
      ...{ dIn, dSae, architecture: "topk", decoderBias: true },
      selection: { kind: "topk", k: integer("k"), relu: true },
    };
  }
  if (json["architecture"] === "standard")
    return {
      ...{ dIn, dSae, architecture: "relu", decoderBias: true },
      selection: { kind: "relu" },
    };
  throw new FormatError(
    file,
    `architecture ${JSON.stringify(json["architecture"])} is not supported (topk and standard are)`,
  );
}

/**
 * Reads an SAE from such a folder: one of ours, or SAELens's `topk` or `standard` without input normalisation.
 *
 * @throws {FormatError} when a file is not what it should be or asks for something unsupported, {ShapeError} when the weights do
 *   not fit the config, {ConcordError} `file/missing` naming the file.
 */
export async function loadSae(backend: Backend, path: string): Promise<Sae> {
  const config = await readConfig(path);
  const { dIn, dSae } = config;
  const file = join(path, WEIGHTS_FILE);
  const { tensors } = await readSafetensors(file);
  const take = (name: string, shape: readonly number[]): Float32Array => {
    const found = tensors.get(name);
    if (!found)
      throw new FormatError(
        file,
        `has no tensor ${name} (it has ${[...tensors.keys()].join(", ")})`,
      );
    if (showShape(found.shape) !== showShape(shape))
      throw new ShapeError(`${file}: ${name}`, showShape(shape), showShape(found.shape));
    return asFloat32(found);
  };
  const aligned = (values: Float32Array) => {
    const out = backend.float32(values.length);
    out.set(values);
    return out;
  };
  const bDec = take("b_dec", [dIn]);
  return {
    ...{ selection: config.selection, architecture: config.architecture, dIn, dSae },
    encoder: aligned(transposed(take("W_enc", [dIn, dSae]), dIn, dSae)),
    decoder: aligned(take("W_dec", [dSae, dIn])),
    encoderBias: aligned(take("b_enc", [dSae])),
    decoderBias: config.decoderBias ? aligned(bDec) : undefined,
  };
}
