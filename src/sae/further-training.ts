/** @file How a saved SAE is trained further, its atoms staying as they are or not. */

import { type Architecture, type OptionRecord, resolveOptions } from "./architecture.ts";
import { batchTopk } from "./architectures/batch-topk.ts";
import { topk } from "./architectures/topk.ts";
import type { Sae } from "./sae.ts";

/** An architecture with its options. */
export interface FurtherTraining {
  readonly architecture: Architecture;
  readonly options: OptionRecord;
}

/**
 * `topk` with the SAE's own k where it has one, else `batchtopk`, whose mean L0 can be set.
 *
 * @param l0     Active latents per row for an SAE whose selection does not say.
 * @param freeze Whether atoms stay as they are.
 */
export function furtherTraining(
  { selection, dIn, dSae }: Pick<Sae, "selection" | "dIn" | "dSae">,
  l0: number,
  freeze: boolean,
): FurtherTraining {
  const isTopk = selection.kind === "topk";
  const architecture = isTopk ? topk : batchTopk;
  const k = Math.min(dSae, isTopk ? selection.k : Math.max(1, Math.round(l0)));
  const given = { k, freeze: freeze ? "decoder" : "none" };
  const options = resolveOptions(architecture, given, { dIn, dSae });
  return { architecture, options };
}
