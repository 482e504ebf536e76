/** @file SAEs that were trained on EEG windows, opened as one denoiser of such windows. */

import { join } from "node:path";
import type { Backend } from "../../../backend/backend.ts";
import { expected, FormatError } from "../../../errors.ts";
import { loadSae, readSaeMetadata, SAE_CONFIG_FILE } from "../../../interchange/saelens.ts";
import { type EegRecipe, parseRecipe } from "../windows/recipe.ts";
import { meanDenoiser, saeDenoiser } from "./denoisers/sae-denoiser.ts";
import type { Denoiser } from "./evaluate-denoising.ts";

/** A denoiser of z-scored windows, and how these are made. */
export interface EegSaes {
  readonly recipe: EegRecipe;
  readonly denoiser: Denoiser;
}

/**
 * Loads SAEs with the one recipe that they have in common; of several the denoiser is the mean.
 *
 * @throws {FormatError} when a folder has no recipe, or one that does not fit its weights;
 *   {ConcordError} `argument/invalid` when the recipes differ; errors of `loadSae`.
 */
export async function openEegSaes(backend: Backend, folders: readonly string[]): Promise<EegSaes> {
  if (folders.length === 0) throw expected("saes", "at least one folder", "none");
  let recipe: EegRecipe | undefined;
  const denoisers: Denoiser[] = [];
  for (const folder of folders) {
    const where = join(folder, SAE_CONFIG_FILE);
    const { eeg, residual_of } = await readSaeMetadata(folder);
    if (eeg === undefined)
      throw new FormatError(where, "does not say how EEG windows are made (metadata.eeg).", {
        hint: "Train the SAE with `concord run` on a source of kind eeg.",
      });
    if (residual_of !== undefined)
      throw new FormatError(where, "is for what other SAEs leave of windows (residual_of).", {
        hint: "Name SAEs that were trained on windows themselves.",
      });
    const own = parseRecipe(eeg, where);
    recipe ??= own;
    if (JSON.stringify(own) !== JSON.stringify(recipe))
      throw expected("saes", `folders with the windows of ${folders[0]}`, folder);
    const sae = await loadSae(backend, folder);
    if (sae.dIn !== own.channels.length * own.samples)
      throw new FormatError(
        where,
        `d_in is ${sae.dIn}, but ${own.channels.length} channels of ${own.samples} samples are ${own.channels.length * own.samples}.`,
      );
    denoisers.push(await saeDenoiser(backend, folder, sae));
  }
  const [first, ...more] = denoisers;
  return { recipe: recipe!, denoiser: more.length > 0 ? meanDenoiser("mean", denoisers) : first! };
}
