/** @file What activations say of some SAEs, as sections of the report of a comparison. */

import { basename } from "node:path";
import { type Content, html, type Markup } from "../../../figures/html/html.ts";
import { figure, section } from "../../../figures/html/page.ts";
import { definitions, numberCell, table } from "../../../figures/html/table.ts";
import { lineChart } from "../../../figures/plot/line-chart.ts";
import type { RowComparison } from "../compare-folders.ts";
import { type ActivationPair, transfersBothWays } from "../rows/compare-activations.ts";

/** Pairs whose curves, two each, can still be distinguished. */
const PAIRS_DRAWN = 3;

type Name = (sae: number) => string;

function rowTable({ sets }: RowComparison, name: Name): Markup {
  return table(
    "The rows that SAEs encoded",
    [
      { head: "Rows of", cell: (set) => set.saes.map(name).join(", ") },
      { head: "From", cell: (set) => basename(set.name) },
      { head: "Rows", kind: "number", cell: (set) => set.rows },
      { head: "d_in", kind: "number", cell: (set) => set.dIn },
      {
        head: "Effective rank",
        kind: "number",
        cell: (set) => numberCell(set.rank?.effectiveRank, 1),
      },
    ],
    sets,
  );
}

function matchTable({ pairs }: RowComparison, name: Name): Markup {
  return table(
    "Latents matched by the correlation of their activations",
    [
      { head: "Pair", cell: ({ a, b }) => `${name(a)} – ${name(b)}` },
      { head: "Correlation", kind: "number", cell: (p) => numberCell(p.correlation, 3) },
      { head: "null", kind: "null", cell: (p) => numberCell(p.correlationNull, 3) },
      { head: "Jaccard", kind: "number", cell: (p) => numberCell(p.jaccard, 3) },
      { head: "null", kind: "null", cell: (p) => numberCell(p.jaccardNull, 3) },
      { head: "Matched", kind: "number", cell: (p) => p.matched },
      { head: "Rows", kind: "number", cell: (p) => p.rows },
    ],
    pairs,
  );
}

function decileChart(pairs: readonly ActivationPair[], name: Name): Markup | undefined {
  const shown = pairs.filter(({ deciles }) => deciles.length > 0).slice(0, PAIRS_DRAWN);
  if (shown.length === 0) return undefined;
  const curves = shown.flatMap(({ a, b, deciles }) => {
    const points = (of: (at: number) => number) => deciles.map((_, g) => ({ x: g + 1, y: of(g) }));
    const pair = `${name(a)} – ${name(b)}`;
    return [
      { name: pair, points: points((g) => deciles[g]!.correlation) },
      { name: `${pair}, null`, points: points((g) => deciles[g]!.correlationNull) },
    ];
  });
  const drawing = lineChart({
    title: "Correlation of matched latents by how often they fire",
    description:
      "Two curves per pair: mean correlation in each tenth of matched pairs, and its null.",
    curves,
    xLabel: "tenth of matched pairs, rarest first",
    yLabel: "mean correlation",
    marks: true,
    include: [0, 1],
  });
  return figure(
    drawing,
    "Do frequent latents fire more alike?",
    "Matched pairs are ordered by their mean density. The null matches the same latents with the rows of one SAE shifted.",
  );
}

function transferTable({ pairs }: RowComparison, name: Name): Markup | undefined {
  const rows = transfersBothWays(pairs);
  if (rows.length === 0) return undefined;
  return table(
    "FVU of an SAE on the activations of another place",
    [
      { head: "SAE", cell: ({ sae }) => name(sae) },
      { head: "On activations of", cell: ({ on }) => name(on) },
      { head: "Raw", kind: "number", cell: ({ found }) => numberCell(found.raw, 3) },
      { head: "Procrustes", kind: "number", cell: ({ found }) => numberCell(found.procrustes, 3) },
      {
        head: "map alone",
        kind: "null",
        cell: ({ found }) => numberCell(found.procrustesAlone, 3),
      },
      { head: "Scaled", kind: "number", cell: ({ found }) => numberCell(found.scaled, 3) },
      { head: "Affine", kind: "number", cell: ({ found }) => numberCell(found.affine, 3) },
      { head: "map alone", kind: "null", cell: ({ found }) => numberCell(found.affineAlone, 3) },
      { head: "Own SAE", kind: "number", cell: ({ found }) => numberCell(found.own, 3) },
      {
        head: "MCC after map",
        kind: "number",
        cell: ({ transfer }) => numberCell(transfer.mccProcrustes, 3),
      },
      { head: "null", kind: "null", cell: ({ transfer }) => numberCell(transfer.mccNull, 3) },
      {
        head: "Condition",
        kind: "number",
        cell: ({ transfer, at }) => numberCell(transfer.conditioning[at]!.condition, 1),
      },
    ],
    rows,
  );
}

const WORDS: readonly (readonly [string, string])[] = [
  [
    "Effective rank",
    "Exp of the entropy of the covariance's eigenvalues as shares of variance: how many directions the rows fill.",
  ],
  [
    "Correlation",
    "Mean Pearson correlation of latents matched one to one so that it is largest. Its null shifts the rows of one SAE.",
  ],
  ["Jaccard", "Rows in which both matched latents are active, of those in which either is."],
  [
    "Raw, Procrustes, scaled, affine",
    "FVU when the rows go through the SAE as they come; through an orthogonal map and back; through that map with one factor for the length of rows; through least-squares maps there and back. Maps are fitted on the first rows and tried on later ones. 1 is no better than the mean.",
  ],
  ["Map alone", "FVU of the map there and back without an SAE: what the map itself loses."],
  [
    "Condition",
    "Condition number of the rows of the SAE's own place. The affine map back can enlarge errors of the SAE by as much.",
  ],
];

/** The section of activations; undefined without rows. */
export function activationSection(
  activations: RowComparison | undefined,
  name: Name,
): Content | undefined {
  if (!activations) return undefined;
  const { pairs } = activations;
  return section(
    "Activations on the same rows",
    html`<p>Activations need no common space: these numbers also compare SAEs of different models, layers and hooks.</p>`,
    rowTable(activations, name),
    pairs.length > 0 && matchTable(activations, name),
    decileChart(pairs, name),
    transferTable(activations, name),
    definitions(WORDS),
  );
}
