/** @file Every kind of source there is: the core's own two, and one for each wing. */

import { arrays } from "../sources/arrays/array-kind.ts";
import { shards } from "../sources/shards/shard-kind.ts";
import { describePath, type SourceProvenance } from "../sources/source-kind.ts";
import type { Domain } from "./domain.ts";
import { eeg } from "./eeg/eeg.ts";
import { images } from "./images/images.ts";
import { languageModel } from "./language/language.ts";
import { synthetic } from "./synthetic/synthetic.ts";

/** In the order of docs/config.md. */
export const DOMAINS = [synthetic, arrays, shards, languageModel, eeg, images] as const;

const BY_KIND: ReadonlyMap<unknown, Domain> = new Map<unknown, Domain>(
  DOMAINS.map((domain: Domain) => [domain.kind, domain]),
);

/** The kind that a config or a provenance names; undefined for a name that is not one. */
export function domainOf(kind: unknown): Domain | undefined {
  return BY_KIND.get(kind);
}

/** What activations are, in a few words, by the provenance that a run's record keeps. */
export function describeSource(provenance: SourceProvenance = {}): string {
  const domain = domainOf(provenance["kind"]);
  const words = domain ? domain.describe(provenance) : describePath(provenance);
  const { residualOf } = provenance as { readonly residualOf?: unknown };
  if (!Array.isArray(residualOf)) return words;
  return `what ${residualOf.length === 1 ? "an SAE leaves" : `${residualOf.length} SAEs leave`} of ${words}`;
}
