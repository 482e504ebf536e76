/** @file Whether a run will gather evidence of its latents, and over how many rows. */

import { asListed, plannedAnalyses } from "../analyses/analyses.ts";
import { type FeaturesOptions, features } from "../analyses/features/features.ts";
import type { Config } from "../config/schema.ts";
import type { Analysis } from "../domains/analysis.ts";
import type { EvidenceSizes } from "../evidence/evidence-bytes.ts";
import type { SaeSizes } from "../sae/sae.ts";
import type { SourceFacts } from "../sources/source-kind.ts";
import { domainOfConfig } from "./open-source.ts";

/** What a run will look at; undefined where it will not. */
export function plannedFeatures(
  config: Config,
  saes: readonly SaeSizes[],
  { heldOutRows, rowsPerPass = 0 }: Pick<SourceFacts, "heldOutRows" | "rowsPerPass">,
): EvidenceSizes | undefined {
  const domain = domainOfConfig(config);
  if (!plannedAnalyses(config, domain).includes(features as Analysis)) return undefined;
  const { rows, around } = asListed(config, "features") as unknown as FeaturesOptions;
  const all = domain.evidence?.unasked ? rowsPerPass + heldOutRows : heldOutRows;
  return { saes, rows: Math.min(rows, all), around };
}
