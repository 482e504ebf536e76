/** @file SAELens folders as one of the formats; saelens.ts reads and writes them. */

import type { Backend } from "../backend/backend.ts";
import { saelensDifference } from "../sae/saelens-forms.ts";
import type { FormerSae, LoadedSae, SaeFormat, SaeOrigin } from "./format.ts";
import {
  loadSae,
  readSaeMetadata,
  SAE_CONFIG_FILE,
  SAE_WEIGHTS_FILE,
  type SaeMetadata,
  saveSae,
} from "./saelens.ts";

/** What `metadata.residual_of` says; undefined where it is not what Concord writes. */
export function formerSaes(value: unknown): readonly FormerSae[] | undefined {
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

/** What cfg.json says of an SAE's origin. */
export function metadataOf({
  modelName,
  hookName,
  seed,
  residualOf,
  ...from
}: SaeOrigin): SaeMetadata {
  return {
    ...(modelName === undefined ? {} : { model_name: modelName }),
    ...(hookName === undefined ? {} : { hook_name: hookName }),
    ...(residualOf && { residual_of: residualOf }),
    converted_from: {
      format: from.format,
      architecture: from.foreignArchitecture,
      ...(seed === undefined ? {} : { seed }),
    },
  };
}

const FILES = [SAE_CONFIG_FILE, SAE_WEIGHTS_FILE];

/** `saelens`. */
export const saelens: SaeFormat = {
  name: "saelens",
  summary: "cfg.json and sae_weights.safetensors, as SAELens of any version and Concord save them",
  keepsResidualOf: true,
  written: FILES,
  // One of the two is enough: reading says which file is missing.
  files: (names) => (FILES.some((file) => names.has(file)) ? FILES : undefined),
  read,
  refusal: () => undefined,
  write: (folder, sae, origin) => saveSae(folder, sae, metadataOf(origin)),
  difference: saelensDifference,
};
