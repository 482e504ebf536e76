/** @file SAELens folders as one of the formats; saelens.ts reads and writes them. */

import type { Backend } from "../backend/backend.ts";
import type { FormerSae, LoadedSae, SaeFormat } from "./format.ts";
import { loadSae, readSaeMetadata, SAE_CONFIG_FILE, SAE_WEIGHTS_FILE } from "./saelens.ts";

/** What `metadata.residual_of` says; undefined where it is not what Concord writes. */
function formerSaes(value: unknown): readonly FormerSae[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.map((one) => ({ path: String(one?.path), digest: String(one?.digest) }));
}

async function read(backend: Backend, folder: string): Promise<LoadedSae> {
  const sae = await loadSae(backend, folder);
  const { model_name, hook_name, residual_of } = await readSaeMetadata(folder);
  return {
    sae,
    format: saelens.name,
    foreignArchitecture: sae.architecture,
    modelName: model_name,
    hookName: hook_name,
    residualOf: formerSaes(residual_of),
  };
}

/** `saelens`. */
export const saelens: SaeFormat = {
  name: "saelens",
  summary: "cfg.json and sae_weights.safetensors, as SAELens of any version and Concord save them",
  // One of the two is enough: reading says which file is missing.
  recognises: (files) => files.has(SAE_CONFIG_FILE) || files.has(SAE_WEIGHTS_FILE),
  read,
};
