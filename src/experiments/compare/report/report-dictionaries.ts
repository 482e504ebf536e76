/** @file The tables of whole dictionaries in the report, and the words that belong to them. */

import { type Content, html, type Markup } from "../../../figures/html/html.ts";
import { numberCell, table } from "../../../figures/html/table.ts";
import { percent } from "../../../figures/number-text.ts";
import type { FolderComparison } from "../compare-folders.ts";

const share = (value: number | undefined) => (value === undefined ? "–" : percent(value));

/** Stability of each SAE over all others together. */
function stabilityTable({ saes, dictionaries }: FolderComparison): Markup {
  const rows = saes.map((sae, i) => ({ sae, of: dictionaries.saes[i]! }));
  type Row = (typeof rows)[number];
  return table(
    "Each SAE against all others together",
    [
      { head: "SAE", cell: ({ sae }: Row) => sae.name },
      {
        head: "Relaxed stability",
        kind: "number",
        cell: ({ of }) => numberCell(of.stability?.relaxed.value, 3),
      },
      { head: "null", kind: "null", cell: ({ of }) => numberCell(of.stability?.relaxed.null, 3) },
      { head: "Overlap@0.6", kind: "number", cell: ({ of }) => share(of.stability?.overlap.value) },
      { head: "null", kind: "null", cell: ({ of }) => share(of.stability?.overlap.null) },
      {
        head: "Diversity@0.7",
        kind: "number",
        cell: ({ of }) => `${of.diversity.atoms} of ${of.diversity.of}`,
      },
      {
        head: "Always shared",
        kind: "number",
        cell: ({ of }) => share(of.sharedInBoth?.counts.always),
      },
      {
        head: "Sometimes",
        kind: "number",
        cell: ({ of }) => share(of.sharedInBoth?.counts.sometimes),
      },
      { head: "Never", kind: "number", cell: ({ of }) => share(of.sharedInBoth?.counts.never) },
      { head: "Unique@∞", kind: "number", cell: ({ of }) => share(of.decay?.offset) },
      { head: "fit error", kind: "null", cell: ({ of }) => numberCell(of.decay?.error, 3) },
    ],
    rows,
  );
}

const PAIRWISE: Readonly<Record<string, string>> = {
  mcc_abs: "|MCC|",
  mcc_encoder: "Encoder MCC",
  stability_exact: "Exact stability",
  cka: "Linear CKA of matched atoms",
  svcca: "SVCCA of matched atoms",
  rsa: "RSA of matched atoms",
  subspace_overlap: "Subspace overlap at rank 16",
};

function pairwiseTable({ dictionaries, pwMcc }: FolderComparison): Markup {
  const rows = [
    { name: "MCC", found: pwMcc },
    { name: "MCC without dead latents", found: dictionaries.pwMccAlive },
    ...Object.entries(dictionaries.pairwise).map(([name, found]) => ({
      name: PAIRWISE[name] ?? name,
      found,
    })),
  ].filter(({ found }) => found !== undefined);
  type Row = (typeof rows)[number];
  return table(
    "Means over pairs",
    [
      { head: "Measure", cell: ({ name }: Row) => name },
      { head: "Mean", kind: "number", cell: ({ found }) => numberCell(found!.mean, 3) },
      { head: "null", kind: "null", cell: ({ found }) => numberCell(found!.null, 3) },
      {
        head: "95 % over SAEs",
        kind: "number",
        cell: ({ found }) =>
          found!.interval
            ? `${found!.interval[0].toFixed(3)} to ${found!.interval[1].toFixed(3)}`
            : "–",
      },
    ],
    rows,
  );
}

function splitsTable({ saes, dictionaries }: FolderComparison): Markup | undefined {
  const rows = dictionaries.pairs.flatMap(({ splits }) => (splits ? [splits] : []));
  if (rows.length === 0) return undefined;
  type Row = (typeof rows)[number];
  const beside = (value: number, none: number | undefined) =>
    none === undefined ? String(value) : `${value} (${none.toFixed(1)})`;
  return table(
    "Parents in the narrow SAE by the number of their children in the wide one (null in brackets)",
    [
      { head: "Wide", cell: ({ wide }: Row) => saes[wide]!.name },
      { head: "Narrow", cell: ({ narrow }) => saes[narrow]!.name },
      ...["none", "1", "2", "3", "4", "5 or more"].map((head, i) => ({
        head,
        kind: "number" as const,
        cell: ({ byChildren, byChildrenNull }: Row) => beside(byChildren[i]!, byChildrenNull?.[i]),
      })),
      {
        head: "Without a parent",
        kind: "number",
        cell: ({ orphans, orphansNull }) => beside(orphans, orphansNull),
      },
    ],
    rows,
  );
}

function startTable({ saes, pairs, dictionaries }: FolderComparison): Markup | undefined {
  const rows = dictionaries.pairs.flatMap(({ start }, i) =>
    start ? [{ start, pair: pairs[i]! }] : [],
  );
  if (rows.length === 0) return undefined;
  type Row = (typeof rows)[number];
  return table(
    "Before the first step, as the run recorded it, and now",
    [
      { head: "Pair", cell: ({ pair: { a, b } }: Row) => `${saes[a]!.name} – ${saes[b]!.name}` },
      { head: "Same index", kind: "number", cell: (r) => numberCell(r.start.same_index, 3) },
      { head: "Mean-max", kind: "number", cell: (r) => numberCell(r.start.mean_max, 3) },
      { head: "null", kind: "null", cell: (r) => numberCell(r.start.mean_max_null, 3) },
      {
        head: "Mean-max now",
        kind: "number",
        cell: (r) => numberCell(r.pair.measures.meanMax[0], 3),
      },
    ],
    rows,
  );
}

/** The tables of dictionaries. */
export function dictionaryTables(comparison: FolderComparison): Content[] {
  return [
    stabilityTable(comparison),
    pairwiseTable(comparison),
    splitsTable(comparison),
    startTable(comparison),
  ];
}

/** What agreement on weights says, and what it does not. */
export const LIMITS = html`<p>Agreement is measured on weights. It says that SAEs found the same directions, not that these directions mean something, nor that latents fire alike. SAEs that a coupling pulled together, or that started from equal weights, agree for that reason too. SAEs of different models, layers or hooks live in different bases.</p>
<p>A number is to be read as its distance from the null beside it, and never against the null of another measure: three papers call three different numbers stability. The null is of random directions. Data that fills its space unevenly makes any two dictionaries more alike than that, also where they share no feature. Intervals cover the latents or the SAEs that were compared, not other models or data.</p>`;

/** The words of these tables. */
export const DICTIONARY_WORDS: readonly (readonly [string, string])[] = [
  [
    "Relaxed stability",
    "Mean over atoms of the largest cosine with any atom of any other SAE (Gadgil et al. 2025, after Fel et al. 2025). Grows with the number of SAEs, and so does its null.",
  ],
  [
    "Exact stability",
    "Mean cosine under the assignment with the smallest summed distance, trace(AᵀΠB)/n (the same authors).",
  ],
  ["Overlap@0.6", "Share of atoms for which that largest cosine is above 0.6."],
  ["Diversity@0.7", "Atoms that no other atom of their own SAE comes near: cosine below 0.7."],
  [
    "Always, sometimes, never shared",
    "Shares of latents for which decoder and encoder assignment name the same partner, both with a cosine of at least τ, in every other SAE, in some, in none (Jedryszek and Crook 2026).",
  ],
  [
    "Unique@∞",
    "c of the fit a·k^−b + c to the share of latents that k − 1 other SAEs all lack: what no number of SAEs would find.",
  ],
  [
    "Linear CKA, SVCCA, RSA",
    "Whether matched atoms are arranged alike; a rotation of one dictionary changes none of them.",
  ],
];
