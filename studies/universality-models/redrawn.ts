/**
 * @file The control: a model of the same shape that has learnt nothing. Every matrix of stories15m
 *   is drawn anew, from normal numbers of its mean and standard deviation. Gains of norms stay.
 */

import { existsSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { normalAt, randomStream } from "../../src/base/philox.ts";
import { type Tensor, tensor } from "../../src/base/tensor.ts";
import { readSafetensors, writeSafetensors } from "../../src/formats/safetensors-file.ts";
import { type ComputeContext, resolveModel } from "../../src/index.ts";

const FILES = ["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"];
const SEED = 0;

function drawn(name: string, { shape, data }: Tensor): Tensor {
  const values = Float32Array.from(data as Float32Array);
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  const stream = randomStream(SEED, `redrawn/${name}`);
  const sd = Math.sqrt(variance);
  for (let i = 0; i < values.length; i++) values[i] = mean + sd * normalAt(stream, i);
  return tensor("float32", shape, values);
}

/** Makes the folder of the control in the cache, once, and returns it. */
export async function redrawnModel({
  catalogue,
}: Pick<ComputeContext, "catalogue">): Promise<string> {
  const own = await resolveModel("stories15m", catalogue);
  const folder = join(catalogue.cacheDir, "studies", "universality-models", "stories15m-redrawn");
  const weights = "model.safetensors";
  if (existsSync(join(folder, weights))) return folder;
  await mkdir(folder, { recursive: true });
  for (const file of FILES) await copyFile(join(own, file), join(folder, file));
  const { tensors } = await readSafetensors(join(own, weights));
  const all = new Map<string, Tensor>();
  for (const [name, one] of tensors) all.set(name, one.shape.length < 2 ? one : drawn(name, one));
  await writeSafetensors(join(folder, weights), all);
  return folder;
}
