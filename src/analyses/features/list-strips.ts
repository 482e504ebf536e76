/** @file Pictures of the strongest rows of the latents that are listed first. */

import type { EvidenceMaker } from "../../domains/evidence-maker.ts";
import type { FeaturesSummary, ListedLatent } from "../../evidence/card.ts";
import type { Seen } from "../../evidence/look-through.ts";

/** Rows that are shown of a latent. */
const SHOWN = 5;

/** A latent's rows of the largest activations by magnitude, the strongest first. */
function strongestRows({ top }: Seen, latent: number): number[] {
  const first = latent * top.slots;
  const size = (slot: number) => Math.abs(top.values[slot]!);
  return Array.from({ length: top.slots }, (_, i) => first + i)
    .filter((slot) => top.rows[slot]! >= 0)
    .sort((a, b) => size(b) - size(a) || top.rows[a]! - top.rows[b]!)
    .slice(0, SHOWN)
    .map((slot) => top.rows[slot]!);
}

/** The summary with pictures of the latents that it lists, where the rows have some. */
export async function withStrips(
  summary: FeaturesSummary,
  maker: EvidenceMaker,
  seenOf: ReadonlyMap<string, Seen>,
): Promise<FeaturesSummary> {
  if (!maker.strip) return summary;
  const shown = async (listed: readonly ListedLatent[]) => {
    const all: ListedLatent[] = [];
    for (const one of listed) {
      const rows = strongestRows(seenOf.get(one.member)!, one.latent);
      all.push(rows.length === 0 ? one : { ...one, strip: await maker.strip!(rows) });
    }
    return all;
  };
  return {
    ...summary,
    most_recurrent: await shown(summary.most_recurrent),
    most_idiosyncratic: await shown(summary.most_idiosyncratic),
  };
}
