/** @file What is said of a population's latents first: how many recur, and which do so most. */

import type { MemberWords } from "../../domains/evidence-maker.ts";
import type { FeaturesSummary, ListedLatent } from "../../evidence/card.ts";
import type { MemberEvidence } from "../../evidence/member-file.ts";
import type { MatchedPair } from "../../evidence/partners.ts";
import { SHARED_FROM } from "../../metrics/similarity.ts";

/** Latents that are listed first. */
const LISTED = 10;
/** Rows in which a latent must be active to be listed: fewer say little. */
const FEWEST_ROWS = 10;

/** One SAE's evidence, and what it was compared with. */
export interface Summarised {
  readonly name: string;
  readonly evidence: MemberEvidence;
  readonly words: MemberWords;
  /** Indices of the SAEs that it was compared with. */
  readonly comparedWith: readonly number[];
  readonly pairs: readonly Pick<MatchedPair, "nullCosine" | "nullShared">[];
}

/** A latent by the number of its SAE and its own. */
interface Ranked {
  readonly sae: number;
  readonly latent: number;
  readonly foundIn: number;
  /** Mean cosine with its partners; ∞ without any, for it is not known then. */
  readonly cosine: number;
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, v) => sum + v, 0) / values.length;
}

/** Live latents of all SAEs that were compared with others. */
function ranked(all: readonly Summarised[]): Ranked[] {
  return all.flatMap(({ evidence, comparedWith }, sae): Ranked[] => {
    const { foundIn, meanCosine, seen } = evidence;
    if (comparedWith.length === 0) return [];
    return Array.from(foundIn.keys(), (latent) => {
      const cosine = meanCosine[latent]!;
      const known = Number.isNaN(cosine) ? Number.POSITIVE_INFINITY : cosine;
      return { sae, latent, foundIn: foundIn[latent]!, cosine: known };
    }).filter(({ latent }) => seen.tally.active[latent]! >= FEWEST_ROWS);
  });
}

/** The first of a ranking; a latent whose partner is among them already is passed over. */
function firstOf(order: readonly Ranked[], all: readonly Summarised[]): Ranked[] {
  const chosen: Ranked[] = [];
  const taken = new Set<string>();
  for (const one of order) {
    if (chosen.length === LISTED) break;
    if (taken.has(`${one.sae} ${one.latent}`)) continue;
    chosen.push(one);
    for (const { sae, latents, cosines } of all[one.sae]!.evidence.partners)
      if (cosines[one.latent]! >= SHARED_FROM || one.foundIn === 0)
        taken.add(`${sae} ${latents[one.latent]!}`);
  }
  return chosen;
}

/** results/features/summary.json */
export function summarise(
  all: readonly Summarised[],
  names: readonly string[],
  facts: {
    readonly kind: string;
    readonly unit: string;
    readonly rows: number;
    readonly heldOutRows: number;
    readonly around: number;
    readonly leftOut: readonly string[];
  },
): FeaturesSummary {
  const listed = ({ sae, latent }: Ranked): ListedLatent => {
    const { name, evidence, words } = all[sae]!;
    const cosine = evidence.meanCosine[latent]!;
    return {
      member: name,
      latent,
      label: words.latents[latent]!.label,
      density: evidence.seen.tally.active[latent]! / facts.rows,
      found_in: evidence.foundIn[latent]!,
      mean_cosine: Number.isNaN(cosine) ? null : cosine,
      best_rule: words.latents[latent]!.rules[0] ?? null,
    };
  };
  const live = ranked(all);
  const first = (order: (a: Ranked, b: Ranked) => number, which: (one: Ranked) => boolean) =>
    firstOf(live.filter(which).sort(order), all).map(listed);
  const same = (a: Ranked, b: Ranked) => a.sae - b.sae || a.latent - b.latent;
  return {
    version: 1,
    kind: facts.kind,
    unit: facts.unit,
    rows: facts.rows,
    held_out_rows: facts.heldOutRows,
    around: facts.around,
    threshold: SHARED_FROM,
    members: all.map(({ name, evidence, comparedWith, pairs, words }) => ({
      name,
      latents: evidence.sae.dSae,
      dead: evidence.seen.tally.active.filter((rows) => rows === 0).length,
      compared_with: comparedWith.map((other) => names[other]!),
      null_cosine: meanOf(pairs.map(({ nullCosine }) => nullCosine)),
      null_found_in: pairs.reduce((sum, { nullShared }) => sum + nullShared, 0),
      recurring: Array.from(
        { length: comparedWith.length + 1 },
        (_, n) => evidence.foundIn.filter((found) => found === n).length,
      ),
      ...(words.logitsAbsent === undefined ? {} : { logits_absent: words.logitsAbsent }),
    })),
    most_recurrent: first(
      (a, b) => b.foundIn - a.foundIn || b.cosine - a.cosine || same(a, b),
      ({ foundIn }) => foundIn > 0,
    ),
    most_idiosyncratic: first(
      (a, b) => (a.cosine === b.cosine ? same(a, b) : a.cosine - b.cosine),
      ({ foundIn }) => foundIn === 0,
    ),
    left_out: [...facts.leftOut],
  };
}
