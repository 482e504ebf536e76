/** @file Gathers the evidence of the latents of several SAEs, and what is shown of it first. */

import type { Backend } from "../../backend/backend.ts";
import type { CodeAgreement } from "../../consistency/lab/codes/code-agreement.ts";
import { recurrenceOf } from "../../consistency/lab/recurrence.ts";
import { bestMatches } from "../../consistency/matching/best-matches.ts";
import { type Dictionary, dictionaryOf } from "../../consistency/matching/dictionary.ts";
import type { KeptFile } from "../../domains/analysis.ts";
import type { EvidenceMaker, MemberWords } from "../../domains/evidence-maker.ts";
import { MOST_MAPPED, mapAtoms } from "../../evidence/atom-map.ts";
import type { FeaturesSummary } from "../../evidence/card.ts";
import { coactiveLatents } from "../../evidence/coactive.ts";
import { lookThrough, type Seen } from "../../evidence/look-through.ts";
import {
  type MemberEvidence,
  memberTensors,
  type PartnerColumns,
} from "../../evidence/member-file.ts";
import { nearestAtoms } from "../../evidence/nearest-atoms.ts";
import { type KnownPair, type MatchedPair, matchPairs } from "../../evidence/partners.ts";
import { MOST_REBUILT, rebuildUnmatched } from "../../evidence/rebuild-unmatched.ts";
import { SHARED_FROM } from "../../metrics/similarity.ts";
import type { Sae } from "../../sae/sae.ts";
import type { TrueFeatures } from "../../sources/source.ts";
import { ROWS_FILE } from "./files.ts";
import { withStrips } from "./list-strips.ts";
import { type Summarised, summarise } from "./summary.ts";

/** Neighbours that are kept of each latent, by cosine and by being active together. */
const NEIGHBOURS = 8;

/** An SAE whose latents are looked at. */
export interface GatheredSae {
  readonly name: string;
  readonly sae: Sae;
  readonly dictionary: Dictionary;
  /** What tells settings apart: those of one setting are compared first. */
  readonly setting: string;
  /** Cosine of each atom with the one it started with, [d_sae]; undefined where unknown. */
  readonly initialCosines?: () => Promise<Float32Array | undefined>;
}

/** What the evidence is made from. */
export interface GatherOptions {
  readonly backend: Backend;
  readonly saes: readonly GatheredSae[];
  readonly maker: EvidenceMaker;
  /** `source.kind`, and what one row is. */
  readonly kind: string;
  readonly unit: string;
  readonly around: number;
  readonly seed: number;
  /** Assignments that are known already. */
  readonly known: readonly KnownPair[];
  readonly trueFeatures: TrueFeatures | undefined;
  /** What is left out already, and why, a sentence each. */
  readonly leftOut: readonly string[];
  readonly pause: () => Promise<void>;
  readonly onCompared: (done: number, total: number) => void;
  readonly onRows: (done: number, total: number) => void;
}

/** The evidence, as its files hold it. */
export interface Gathered {
  readonly summary: FeaturesSummary;
  /** Files of tensors by their names without endings: one per SAE, and `ROWS_FILE`. */
  readonly files: ReadonlyMap<string, KeptFile>;
}

/** Partners of one SAE's latents in every SAE that it was compared with. */
function partnerColumns(
  sae: number,
  latents: number,
  pairs: readonly MatchedPair[],
  agreement: CodeAgreement,
): PartnerColumns[] {
  return pairs.flatMap((pair, index): PartnerColumns[] => {
    const { a, b, partnerOfA, measures } = pair;
    if (a !== sae && b !== sae) return [];
    const codes = agreement.perLatent(index);
    const own = {
      latents: new Int32Array(latents).fill(-1),
      cosines: new Float32Array(latents),
      correlation: new Float32Array(latents).fill(Number.NaN),
      jaccard: new Float32Array(latents).fill(Number.NaN),
    };
    for (const [i, partner] of partnerOfA.entries()) {
      if (partner < 0) continue;
      const [at, other] = a === sae ? [i, partner] : [partner, i];
      own.latents[at] = other;
      own.cosines[at] = measures.decoderMatching.cosine[i]!;
      own.correlation[at] = codes.correlation[i]!;
      own.jaccard[at] = codes.jaccard[i]!;
    }
    return [{ sae: a === sae ? b : a, ...own }];
  });
}

/** Live latents without a partner anywhere, the most active first; and how many are left out. */
function unmatched({ tally }: Seen, foundIn: Int32Array): { some: number[]; leftOut: number } {
  const all = [...foundIn.keys()]
    .filter((i) => foundIn[i] === 0 && tally.active[i]! > 0)
    .sort((a, b) => tally.active[b]! - tally.active[a]! || a - b);
  return { some: all.slice(0, MOST_REBUILT), leftOut: Math.max(0, all.length - MOST_REBUILT) };
}

/** Rows that are examples of some latent, ascending. */
function shownRows(seen: readonly Seen[]): Int32Array {
  const rows = new Set<number>();
  for (const { top, sample, nearMisses } of seen)
    for (const kept of [top, sample, nearMisses])
      for (const row of kept.rows) if (row >= 0) rows.add(row);
  return Int32Array.from(rows).sort();
}

/** Largest cosine of each atom with a true feature. */
async function truthOf(backend: Backend, atoms: Dictionary, truth: TrueFeatures | undefined) {
  if (!truth) return undefined;
  const features = await dictionaryOf(backend, truth.matrix, truth.count, atoms.d);
  return (await bestMatches(backend, atoms, features)).bestOfA;
}

/**
 * Looks through the rows of `maker` with all SAEs, and puts together what is known of each latent.
 *
 * @throws {ConcordError} "numeric/not-finite" for a row that is not finite; what `pause` throws.
 */
export async function gatherEvidence(options: GatherOptions): Promise<Gathered> {
  const { backend, saes, maker, around, seed, known, pause, onCompared, onRows } = options;
  const dictionaries = saes.map(({ dictionary }) => dictionary);
  const settings = saes.map(({ setting }) => setting);
  const pairs = await matchPairs(backend, dictionaries, {
    seed,
    settings,
    known,
    onCompared,
    pause,
  });
  const looking = [];
  for (const { sae, dictionary } of saes)
    looking.push({ sae, nearest: await nearestAtoms(backend, dictionary, NEIGHBOURS) });
  const looked = await lookThrough(backend, maker.rows, looking, {
    pairs,
    around,
    seed,
    pause,
    onRows,
  });
  const maps = await mapAtoms(backend, dictionaries, seed, pause);
  const { rows, heldOutFrom } = maker.rows;
  // Tells files that were not written together.
  const facts = { rows: String(rows) };
  const files = new Map<string, KeptFile>();
  const summarised: Summarised[] = [];
  const leftOut = [...options.leftOut];
  if (!maps) leftOut.push(`The atoms have no map: a map needs 3 to ${MOST_MAPPED} atoms.`);
  for (const [s, { name, sae, dictionary, initialCosines }] of saes.entries()) {
    const seen = looked.seen[s]!;
    const recurrence = recurrenceOf(s, sae.dSae, pairs, SHARED_FROM);
    const foundIn = Int32Array.from(recurrence, ({ recursIn }) => recursIn);
    const own = pairs.filter(({ a, b }) => a === s || b === s);
    const compared = own.map(({ a, b }) => (a === s ? b : a));
    const others = new Map(compared.map((other) => [other, dictionaries[other]!]));
    const { some, leftOut: notRebuilt } = unmatched(seen, foundIn);
    if (notRebuilt > 0 && others.size > 0)
      leftOut.push(
        `${name}: ${notRebuilt} latents without a partner were not rebuilt from those of others; the ${MOST_REBUILT} most active were.`,
      );
    const words: MemberWords = await maker.describe({ name, sae, seen }, pause);
    const evidence: MemberEvidence = {
      sae,
      seen,
      nearest: looking[s]!.nearest,
      coactive: coactiveLatents(seen.codes, NEIGHBOURS),
      partners: partnerColumns(s, sae.dSae, pairs, looked.agreement),
      foundIn,
      meanCosine: Float32Array.from(recurrence, (one) => one.meanCosine ?? Number.NaN),
      spread: Float32Array.from(recurrence, (one) => spreadOf(one.partners.map((p) => p.cosine))),
      rebuilt: await rebuildUnmatched(backend, dictionary, some, others, pause),
      truth: await truthOf(backend, dictionary, options.trueFeatures),
      map: maps?.[s],
      initialCosines: await initialCosines?.(),
      texts: words.latents.map((latent) => JSON.stringify(latent)),
      kept: words.kept ?? new Map(),
    };
    files.set(name, { tensors: memberTensors(evidence), facts });
    summarised.push({ name, evidence, words, comparedWith: compared, pairs: own });
    await pause();
  }
  const tensors = await maker.rowTensors(shownRows(looked.seen));
  files.set(ROWS_FILE, { tensors, facts: { ...maker.facts, ...facts } });
  const summary = summarise(
    summarised,
    saes.map(({ name }) => name),
    {
      kind: options.kind,
      unit: options.unit,
      rows,
      heldOutRows: rows - heldOutFrom,
      around,
      leftOut,
    },
  );
  const seenOf = new Map(saes.map(({ name }, s) => [name, looked.seen[s]!]));
  return { summary: await withStrips(summary, maker, seenOf), files };
}

/** Standard deviation of some cosines; NaN for fewer than two. */
function spreadOf(cosines: readonly number[]): number {
  if (cosines.length < 2) return Number.NaN;
  const mean = cosines.reduce((sum, c) => sum + c, 0) / cosines.length;
  return Math.sqrt(cosines.reduce((sum, c) => sum + (c - mean) ** 2, 0) / (cosines.length - 1));
}
