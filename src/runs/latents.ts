/** @file `results/latents.safetensors`: numbers of every latent, by `<member>.<what>`. */

import { existsSync } from "node:fs";
import { asFloat32 } from "../base/tensor.ts";
import { readSafetensors } from "../formats/safetensors-file.ts";
import type { RunFolder } from "./run-folder.ts";

/** The name of the file in `results/`, without its ending. */
export const LATENTS = "latents";

/**
 * The numbers by name, `member-0.density`, each [d_sae]; empty for a run that has none yet.
 *
 * @throws {FormatError} when the file is damaged.
 */
export async function readLatents(folder: RunFolder): Promise<ReadonlyMap<string, Float32Array>> {
  const path = folder.file("results", `${LATENTS}.safetensors`);
  if (!existsSync(path)) return new Map();
  const { tensors } = await readSafetensors(path);
  return new Map([...tensors].map(([name, tensor]) => [name, asFloat32(tensor)]));
}
