/** @file Folders of SAEs with an encoder of their own as one of the formats; see own-folder.ts. */

import type { Backend } from "../backend/backend.ts";
import type { LoadedSae, SaeFormat } from "./format.ts";
import { OWN_FILES, OWN_WEIGHTS_FILE } from "./own-folder.ts";
import { loadSae, readSaeMetadata, saveSae } from "./saelens.ts";
import { formerSaes, metadataOf } from "./saelens-format.ts";

async function read(backend: Backend, folder: string): Promise<LoadedSae> {
  const sae = await loadSae(backend, folder);
  const { model_name, hook_name, residual_of } = await readSaeMetadata(folder);
  return {
    sae,
    format: concord.name,
    foreignArchitecture: sae.architecture,
    modelName: model_name,
    hookName: hook_name,
    residualOf: formerSaes(residual_of),
  };
}

/** `concord`. */
export const concord: SaeFormat = {
  name: "concord",
  summary: "cfg.json and concord_sae.safetensors, for encoders that are more than one matrix",
  keepsResidualOf: true,
  keepsOwnEncoder: true,
  written: OWN_FILES,
  files: (names) => (names.has(OWN_WEIGHTS_FILE) ? OWN_FILES : undefined),
  read,
  refusal: (sae) =>
    sae.ownEncoder ? undefined : "is for encoders that are more than one matrix, and this is one",
  write: (folder, sae, origin) => saveSae(folder, sae, metadataOf(origin)),
};
