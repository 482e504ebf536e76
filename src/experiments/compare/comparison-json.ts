/**
 * @file A comparison as files and scripts get it: JSON with stable keys (docs/compare.md), and a
 *   line per latent as CSV.
 */

import { mean } from "../../base/statistics/mean.ts";
import type { CodeAgreementNumbers } from "../../consistency/lab/codes/code-agreement.ts";
import { SHARED_THRESHOLDS } from "../../consistency/lab/pair-measures.ts";
import { csvField } from "../../formats/text/csv-field.ts";
import type { ComparedSae, FolderComparison } from "./compare-folders.ts";
import {
  dictionariesJson,
  pairDictionaryJson,
  pairwiseJson,
  saeDictionaryJson,
} from "./dictionary-json.ts";
import { activationsJson } from "./rows/activations-json.ts";

/** `{"0.5": …, "0.7": …, "0.9": …}`. */
function byThreshold(values: readonly number[]): Record<string, number> {
  return Object.fromEntries(SHARED_THRESHOLDS.map((t, i) => [String(t), values[i]!]));
}

function saeJson(sae: ComparedSae, effectiveRank: number | undefined) {
  return {
    name: sae.name,
    folder: sae.folder,
    format: sae.format,
    architecture: sae.architecture,
    d_in: sae.dIn,
    d_sae: sae.dSae,
    dead: sae.dead ?? null,
    seed: sae.seed ?? null,
    model_name: sae.modelName ?? null,
    hook_name: sae.hookName ?? null,
    alignment_mean: mean(sae.alignment),
    others: sae.others,
    shared_in: sae.shared ?? null,
    unique_at_k: sae.uniqueAtK,
    effective_rank: effectiveRank ?? null,
  };
}

function codeJson(numbers: CodeAgreementNumbers | undefined) {
  if (!numbers) return null;
  const { jaccard, jaccardNull, correlation, correlationNull, latents } = numbers;
  return {
    jaccard,
    jaccard_null: jaccardNull,
    correlation,
    correlation_null: correlationNull,
    latents,
  };
}

/** The object that `concord compare --json` prints; keys are stable. */
export function comparisonJson(comparison: FolderComparison) {
  const { saes, pairs, skipped, pwMcc, threshold, codes, warnings } = comparison;
  const { basesDiffer, activations } = comparison;
  const name = (i: number) => saes[i]!.name;
  return {
    saes: saes.map((sae, i) => ({
      ...saeJson(sae, activations?.sets.find((set) => set.saes.includes(i))?.rank?.effectiveRank),
      ...saeDictionaryJson(comparison, i),
    })),
    recurs_from: threshold,
    pairs: pairs.map(({ a, b, measures, null: none, mccInterval }, i) => ({
      a: name(a),
      b: name(b),
      mean_max: measures.meanMax,
      mean_max_null: none.meanMax,
      mcc: measures.mcc,
      mcc_null: none.mcc,
      mcc_interval: mccInterval ?? null,
      mcc_abs: measures.mccAbs ?? null,
      mcc_abs_null: none.mccAbs ?? null,
      mcc_encoder: measures.mccEncoder,
      mcc_encoder_null: none.mccEncoder,
      shared: byThreshold(measures.shared),
      shared_null: byThreshold(none.shared),
      codes: codeJson(codes?.[i]),
      bases_differ: basesDiffer[i]!,
      ...pairDictionaryJson(comparison, i),
    })),
    skipped: skipped.map(({ a, b, why }) => ({ a: name(a), b: name(b), why })),
    pw_mcc: pairwiseJson(pwMcc),
    ...dictionariesJson(comparison),
    activations: activations ? activationsJson(activations, name) : null,
    warnings,
  };
}

const COLUMNS = [
  "sae",
  "latent",
  "recurs_in",
  "of",
  "mean_cosine",
  "lowest_cosine",
  "alignment",
  "density",
  "partners",
];

/** latents.csv: a line per latent of every SAE; `partners` is `name:latent:cosine` by spaces. */
export function latentsCsv({ saes }: FolderComparison): string {
  const rounded = (value: number | undefined) =>
    value === undefined ? undefined : Number(value.toFixed(6));
  const lines = saes.flatMap((sae) =>
    sae.latents.map((latent, i) =>
      [
        sae.name,
        i,
        latent.recursIn,
        sae.others,
        rounded(latent.meanCosine),
        rounded(latent.lowestCosine),
        rounded(sae.alignment[i]),
        sae.density?.[i],
        latent.partners
          .map((p) => `${saes[p.sae]!.name}:${p.latent}:${p.cosine.toFixed(4)}`)
          .join(" "),
      ]
        .map((value) => csvField(value === undefined ? "" : String(value)))
        .join(","),
    ),
  );
  return `${[COLUMNS.join(","), ...lines].join("\n")}\n`;
}
