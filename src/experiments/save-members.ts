/**
 * @file Saves a run's SAEs below saes/, for unchanged activations, with the known facts about
 *   those.
 */

import { saveSae } from "../interchange/saelens.ts";
import { sourceMetadata } from "../interchange/source-metadata.ts";
import type { Population } from "../population/population.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import { forRowsAsTheyCome } from "../sae/sae.ts";
import { saelensDifference } from "../sae/saelens-forms.ts";
import type { Source } from "../sources/source.ts";
import { garbageCollector } from "./garbage.ts";

/**
 * Saves every member. What was done to the rows of training is folded into the weights, or left to
 * whoever runs the SAE, as cfg.json says.
 *
 * @param events Warned of what SAELens will make of the SAEs where that is something else.
 */
export async function saveMembers(
  folder: RunFolder,
  { members }: Population,
  source: Source,
  events: {
    readonly collectGarbage?: () => void;
    readonly onEvent?: (event: { readonly kind: "warning"; readonly message: string }) => void;
  },
): Promise<void> {
  const metadata = sourceMetadata(source);
  const collect = garbageCollector(() => events.collectGarbage?.());
  const differences = new Set<string>();
  for (const member of members) {
    const sae = forRowsAsTheyCome(member.sae.inference(), source.normalization);
    await saveSae(folder.file("saes", member.name), sae, metadata);
    const difference = saelensDifference(sae);
    if (difference !== undefined) differences.add(difference);
    // The encoder was written from a transposed copy.
    collect(4 * sae.dIn * sae.dSae);
  }
  for (const message of differences) events.onEvent?.({ kind: "warning", message });
}
