/**
 * @file Saves a run's SAEs below saes/, for unchanged activations, with the known facts about
 *   those; and below saes_at/ as they are after certain steps.
 */

import { join } from "node:path";
import { saveSae } from "../interchange/saelens.ts";
import { sourceMetadata } from "../interchange/source-metadata.ts";
import type { Population } from "../population/population.ts";
import type { RunFolder } from "../runs/run-folder.ts";
import { forRowsAsTheyCome } from "../sae/sae.ts";
import { saelensDifference } from "../sae/saelens-forms.ts";
import type { Source } from "../sources/source.ts";
import { garbageCollector } from "./garbage.ts";

/** Where the SAEs of some steps are. */
const AT_STEPS = "saes_at";

/** Steps of `training.save_at` that training comes to, each once. */
export function stepsToSaveAt(saveAt: readonly number[], totalSteps: number): number[] {
  return [...new Set(saveAt)].filter((step) => step <= totalSteps);
}

/** What to say of steps that training does not come to. */
export function saveAtWarnings(saveAt: readonly number[], totalSteps: number): string[] {
  const later = saveAt.filter((step) => step > totalSteps);
  if (later.length === 0) return [];
  return [
    `training.save_at names steps that are not reached, because training ends after ${totalSteps}: ${later.join(", ")}.`,
  ];
}

/** Saves every member as it is after a step. */
export async function saveMembersAt(
  folder: RunFolder,
  step: number,
  population: Population,
  source: Source,
  collectGarbage: (() => void) | undefined,
): Promise<void> {
  const into = join(AT_STEPS, `step-${String(step).padStart(6, "0")}`);
  await saveMembers(folder, population, source, { into, collectGarbage });
}

/**
 * Saves every member. What was done to the rows of training is folded into the weights, or left to
 * whoever runs the SAE, as cfg.json says.
 *
 * @param options `into`: the folder, default saes; `onEvent`: warned of what SAELens will make of
 *   the SAEs where that is something else.
 */
export async function saveMembers(
  folder: RunFolder,
  { members }: Population,
  source: Source,
  options: {
    readonly into?: string;
    readonly collectGarbage?: (() => void) | undefined;
    readonly onEvent?: (event: { readonly kind: "warning"; readonly message: string }) => void;
  },
): Promise<void> {
  const metadata = sourceMetadata(source);
  const collect = garbageCollector(() => options.collectGarbage?.());
  const differences = new Set<string>();
  for (const member of members) {
    const sae = forRowsAsTheyCome(member.sae.inference(), source.normalization);
    await saveSae(folder.file(options.into ?? "saes", member.name), sae, metadata);
    const difference = saelensDifference(sae);
    if (difference !== undefined) differences.add(difference);
    // The encoder was written from a transposed copy.
    collect(4 * sae.dIn * sae.dSae);
  }
  for (const message of differences) options.onEvent?.({ kind: "warning", message });
}
