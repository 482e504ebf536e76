/** @file Finds latents by a word: in their labels, rules and logits. */

import type { LatentWords } from "../../domains/evidence-maker.ts";
import type { FeaturesSummary, ListedLatent } from "../../evidence/card.ts";
import type { FindOptions } from "../../evidence/evidence.ts";
import type { OpenMember } from "./read-card.ts";
import { allWords } from "./words.ts";

const DEFAULT_LIMIT = 20;

/** How well a latent answers: by its number, label, rules, logits; undefined: not at all. */
function rankOf(query: string, latent: number, words: LatentWords): number | undefined {
  const has = (text: string) => text.toLowerCase().includes(query);
  if (query === String(latent)) return 0;
  if (has(words.label)) return 1;
  if (words.rules.some(({ text }) => has(text))) return 2;
  if (words.logits?.top.some(({ text }) => has(text))) return 3;
  return undefined;
}

/**
 * Latents that have to do with `query`, whatever the case. Those whose labels contain it come
 * first, then those whose rules or top logits do; among equals those that most other members have.
 */
export async function findLatents(
  query: string,
  { member, limit = DEFAULT_LIMIT }: FindOptions,
  open: (name: string) => Promise<OpenMember>,
  summary: FeaturesSummary,
): Promise<ListedLatent[]> {
  const wanted = query.toLowerCase();
  const names = member === undefined ? summary.members.map(({ name }) => name) : [member];
  const found: { readonly rank: number; readonly listed: ListedLatent }[] = [];
  for (const name of names) {
    const { reader } = await open(name);
    const active = await reader.column("active_rows");
    const foundIn = await reader.column("found_in");
    const cosine = await reader.column("mean_cosine");
    for (const [latent, words] of (await allWords(reader)).entries()) {
      const rank = rankOf(wanted, latent, words);
      if (rank === undefined) continue;
      const mean = Number(cosine[latent]);
      const listed = {
        member: name,
        latent,
        label: words.label,
        density: Number(active[latent]) / summary.rows,
        found_in: Number(foundIn[latent]),
        mean_cosine: Number.isFinite(mean) ? mean : null,
        best_rule: words.rules[0] ?? null,
      };
      found.push({ rank, listed });
    }
  }
  return found
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        b.listed.found_in - a.listed.found_in ||
        b.listed.density - a.listed.density,
    )
    .slice(0, limit)
    .map(({ listed }) => listed);
}
