/** @file The state of an autoencoder in training, in a file from which training goes on. */

import { rm } from "node:fs/promises";
import { type Tensor, tensor } from "../../../base/tensor.ts";
import { ConcordError } from "../../../errors.ts";
import { readSafetensors, writeSafetensors } from "../../../formats/safetensors-file.ts";
import type { RecordedAutoencoder } from "./recorded.ts";

/** Where training stands. */
export interface Progress {
  /** Epochs that are done. */
  readonly epoch: number;
  /** Mean loss of each. */
  readonly losses: readonly number[];
}

/** Parameters and moments by name; the arrays themselves. */
function arraysOf({ parameters, adam }: RecordedAutoencoder): Map<string, Tensor> {
  const arrays = new Map<string, Tensor>();
  for (const [i, [name, { shape, value }]] of [...parameters].entries()) {
    const { m, v } = adam.states[i]!;
    arrays.set(name, tensor("float32", shape, value));
    arrays.set(`${name}.m`, tensor("float32", shape, m));
    arrays.set(`${name}.v`, tensor("float32", shape, v));
  }
  return arrays;
}

/** Writes the state. */
export async function saveCheckpoint(
  path: string,
  autoencoder: RecordedAutoencoder,
  progress: Progress,
): Promise<void> {
  const { steps } = autoencoder.adam;
  const state = JSON.stringify({ ...progress, steps });
  await writeSafetensors(path, arraysOf(autoencoder), { state });
}

/**
 * Reads the state into `autoencoder`.
 *
 * @returns Where training stands. Without the file, that is the beginning.
 * @throws {FormatError} for a damaged file.
 */
export async function loadCheckpoint(
  path: string,
  autoencoder: RecordedAutoencoder,
): Promise<Progress> {
  try {
    const { tensors, metadata } = await readSafetensors(path);
    for (const [name, { data }] of arraysOf(autoencoder))
      (data as Float32Array).set(tensors.get(name)!.data as Float32Array);
    const { steps, ...progress } = JSON.parse(metadata["state"]!) as Progress & { steps: number };
    autoencoder.adam.steps = steps;
    return progress;
  } catch (error) {
    if (error instanceof ConcordError && error.code === "file/missing")
      return { epoch: 0, losses: [] };
    throw error;
  }
}

/** Removes the file, when training is over. */
export async function removeCheckpoint(path: string): Promise<void> {
  await rm(path, { force: true });
}
