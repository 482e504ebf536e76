/**
 * @file A language model of the same shape with random weights: the control for what SAEs find in a
 *   trained one.
 *
 * @see Heap et al. 2025 (arXiv:2501.17727), who sample parameters from a Gaussian.
 */

import { createHash } from "node:crypto";
import { copyFile, readdir, realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { DType } from "../../../base/dtype.ts";
import { type RandomStream, randomStream } from "../../../base/philox.ts";
import { shuffleInPlace } from "../../../base/shuffle-in-place.ts";
import type { Tensor } from "../../../base/tensor.ts";
import { whiteNoise } from "../../../base/white-noise.ts";
import { ConcordError } from "../../../errors.ts";
import { isInstalled, writeManifest } from "../../../fetch/hub/manifest.ts";
import { writeFileAtomically } from "../../../formats/atomic-file.ts";
import { serializeHeader } from "../../../formats/safetensors-header.ts";
import { TYPESCRIPT_KERNELS } from "../../../sources/rows/row-kernels.ts";
import { installFolder } from "../catalogue/install-folder.ts";
import { type Checkpoint, openCheckpoint, type WeightPlace } from "./checkpoint.ts";
import { weightBytes, weightValues } from "./forward/weight-values.ts";
import { findModelFiles } from "./model-files.ts";

/** What is done to each tensor of weights. */
type Randomising = "redrawn" | "redrawn-but-embeddings" | "shuffled";

/** A model whose name asks for random weights. */
export interface RandomModel {
  /** The name of the model that lends its shape. */
  readonly model: string;
  readonly how: Randomising;
  readonly seed: number;
}

const NAME = /^(.+)~(redrawn|redrawn-but-embeddings|shuffled)-(\d{1,15})$/;

/**
 * What a name such as `stories15m~redrawn-0` asks for; undefined for the name of a model as it is.
 *
 * `redrawn`: every tensor is drawn from the normal distribution with its mean and standard
 * deviation. `redrawn-but-embeddings`: all but the embeddings and the unembedding are.
 * `shuffled`: the numbers of each tensor are put in another order.
 */
export function randomModelOf(name: string): RandomModel | undefined {
  const [, model, how, seed] = NAME.exec(name) ?? [];
  if (model === undefined) return undefined;
  return { model, how: how as Randomising, seed: Number(seed) };
}

/** Names of tensors that belong to tokens or positions, in all families. */
const EMBEDDINGS = /embed|wte|wpe|lm_head/;

const FLOATS: ReadonlySet<DType> = new Set(["float64", "float32", "float16", "bfloat16"]);

/** Normal numbers are drawn for so many weights at a time, each time from a stream of its own. */
const CHUNK = 2 ** 20;

/** Counts up whenever the same name would give other weights. */
const VERSION = 1;

function redraw(values: Float32Array, streamOf: (chunk: number) => RandomStream): void {
  let mean = 0;
  for (const v of values) mean += v / values.length;
  let variance = 0;
  for (const v of values) variance += (v - mean) ** 2 / values.length;
  const deviation = Math.sqrt(variance);
  for (let from = 0; from < values.length; from += CHUNK) {
    const chunk = values.subarray(from, from + CHUNK);
    const normals = whiteNoise(streamOf(from / CHUNK), chunk.length);
    for (let i = 0; i < chunk.length; i++) chunk[i] = mean + deviation * normals[i]!;
  }
}

function shuffle(values: Float32Array, stream: RandomStream): void {
  const order = Int32Array.from(values.keys());
  shuffleInPlace(order, order.length, stream);
  const before = values.slice();
  for (let i = 0; i < order.length; i++) values[i] = before[order[i]!]!;
}

/** A tensor of weights in float32, at random; what is not floating-point stays as it is. */
async function weightOf(
  checkpoint: Checkpoint,
  name: string,
  { dtype }: WeightPlace,
  { how, seed }: RandomModel,
): Promise<Uint8Array> {
  if (!FLOATS.has(dtype)) return weightBytes(checkpoint, name);
  const values = await weightValues(checkpoint, name, TYPESCRIPT_KERNELS);
  const streamOf = (chunk: number) => randomStream(seed, `random-model/${name}/${chunk}`);
  if (how === "shuffled") shuffle(values, streamOf(0));
  else if (how === "redrawn" || !EMBEDDINGS.test(name)) redraw(values, streamOf);
  return new Uint8Array(values.buffer);
}

/** `model.safetensors`, tensor by tensor. */
async function* safetensorsOf(checkpoint: Checkpoint, random: RandomModel) {
  const entries = [...checkpoint.weights].map(
    ([name, { dtype, shape }]): [string, Omit<Tensor, "data">] => [
      name,
      { dtype: FLOATS.has(dtype) ? "float32" : dtype, shape },
    ],
  );
  const { bytes, order } = serializeHeader(new Map(entries), { format: "pt" });
  yield bytes;
  for (const name of order)
    yield await weightOf(checkpoint, name, checkpoint.weights.get(name)!, random);
}

/** Files of a checkpoint folder that are not weights and come along. */
const COMES_ALONG = /\.(json|txt|model)$/;
const STAYS = /\.index\.json$|^concord\.json$/;

async function writeRandomModel(folder: string, base: string, random: RandomModel): Promise<void> {
  const checkpoint = await openCheckpoint(base);
  const names = (await readdir(base)).filter((n) => COMES_ALONG.test(n) && !STAYS.test(n)).sort();
  for (const name of names) await copyFile(await realpath(join(base, name)), join(folder, name));
  const weights = "model.safetensors";
  await writeFileAtomically(join(folder, weights), safetensorsOf(checkpoint, random));
  const { model, how, seed } = random;
  const manifest = { name: `${model}~${how}-${seed}`, source: base, licence: undefined };
  await writeManifest(folder, manifest, [...names, weights]);
}

/** Says which files a folder has and when they were written; weights are too large to be read. */
async function stampOf(base: string): Promise<string> {
  const stamps: (string | number)[] = [VERSION, await realpath(base)];
  for (const name of (await readdir(base)).sort()) {
    const { size, mtimeMs } = await stat(join(base, name));
    stamps.push(name, size, mtimeMs);
  }
  return createHash("sha256").update(JSON.stringify(stamps)).digest("hex").slice(0, 12);
}

/**
 * Makes sure that a model with random weights is in the cache, and returns its folder. The weights
 * follow from those of the trained model, the seed and the tensors' names.
 *
 * @param base Folder of the trained model.
 * @throws {ConcordError} `model/unsupported` for an ONNX file, whose weights are in its graph.
 */
export async function installRandomModel(
  base: string,
  random: RandomModel,
  cacheDir: string,
): Promise<string> {
  const { kind, path } = await findModelFiles(base);
  const { model, how, seed } = random;
  if (kind === "onnx")
    throw new ConcordError(
      "model/unsupported",
      `${model} is an ONNX file: its weights cannot be drawn at random.`,
      { hint: "Give a checkpoint folder with config.json and model.safetensors." },
    );
  const name = `${basename(model)}-${how}-${seed}-${await stampOf(path)}`;
  const target = join(cacheDir, "models", name.replace(/[^\w.-]+/g, "_"));
  await installFolder(
    target,
    () => isInstalled(target),
    (folder) => writeRandomModel(folder, path, random),
  );
  return target;
}
