/**
 * @file The report of a comparison: which features SAEs agree on, as one self-contained page.
 *
 * It shows what numbers alone hide: that matched cosines fall into hits and misses, that rare
 * latents recur less, and how far the null reaches.
 */

import { SHARED_THRESHOLDS } from "../../consistency/lab/pair-measures.ts";
import { heatMap } from "../../figures/heat-map.ts";
import { binCounts, histogram } from "../../figures/histogram.ts";
import { type Content, html, type Markup } from "../../figures/html/html.ts";
import { figure, figures, page, section } from "../../figures/html/page.ts";
import { definitions, numberCell, table } from "../../figures/html/table.ts";
import { lineChart } from "../../figures/line-chart.ts";
import { percent } from "../../figures/number-text.ts";
import { scatter } from "../../figures/scatter.ts";
import { activationSection } from "./activation-report.ts";
import type { ComparedSae, FolderComparison } from "./compare-folders.ts";

const BINS = 50;

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** The answer in a sentence, or why there is none. */
function answer({ saes, pwMcc, threshold }: FolderComparison): Content {
  if (!pwMcc)
    return html`<p>No two of these SAEs have one d_in, so none can be compared by cosine.</p>`;
  const always = mean(saes.flatMap((sae) => (sae.shared ? [sae.shared.always] : [])));
  const never = mean(saes.flatMap((sae) => (sae.shared ? [sae.shared.never] : [])));
  const interval = pwMcc.interval
    ? ` (95 % interval over SAEs ${pwMcc.interval[0].toFixed(3)} to ${pwMcc.interval[1].toFixed(3)})`
    : "";
  return html`<p>Of an average SAE, <strong>${percent(always)} of the latents recur in every other SAE</strong> and ${percent(never)} in none, counting a partner from a cosine of ${threshold}. PW-MCC is <strong>${pwMcc.mean.toFixed(3)}</strong>${interval}; unrelated dictionaries of these shapes have ${pwMcc.null.toFixed(3)}.</p>`;
}

function warningList(warnings: readonly string[]): Content {
  if (warnings.length === 0) return undefined;
  return html`<ul class="warnings">${warnings.map((w) => html`<li>${w}</li>`)}</ul>`;
}

function saeTable(saes: readonly ComparedSae[]): Markup {
  const share = (of: (sae: ComparedSae) => number | undefined) => (sae: ComparedSae) => {
    const value = of(sae);
    return value === undefined ? "–" : percent(value);
  };
  return table(
    "The SAEs, and where their latents recur",
    [
      { head: "SAE", cell: (sae) => sae.name },
      { head: "Format", cell: (sae) => `${sae.format} ${sae.architecture}` },
      { head: "d_in", kind: "number", cell: (sae) => sae.dIn },
      { head: "Latents", kind: "number", cell: (sae) => sae.dSae },
      { head: "Dead", kind: "number", cell: (sae) => sae.dead ?? "–" },
      { head: "In all others", kind: "number", cell: share((sae) => sae.shared?.always) },
      { head: "In some", kind: "number", cell: share((sae) => sae.shared?.sometimes) },
      { head: "In none", kind: "number", cell: share((sae) => sae.shared?.never) },
      { head: "Alignment", kind: "number", cell: (sae) => numberCell(mean(sae.alignment), 3) },
    ],
    saes,
  );
}

function pairTable({ saes, pairs, codes, basesDiffer }: FolderComparison): Markup {
  type Pair = (typeof pairs)[number];
  const number = (
    head: string,
    value: (p: Pair) => number | undefined,
    none: (p: Pair) => number | undefined,
  ) =>
    [
      { head, kind: "number", cell: (p: Pair) => numberCell(value(p), 3) },
      { head: "null", kind: "null", cell: (p: Pair) => numberCell(none(p), 3) },
    ] as const;
  return table(
    "Every pair, next to the null of its shapes",
    [
      { head: "Pair", cell: ({ a, b }: Pair) => `${saes[a]!.name} – ${saes[b]!.name}` },
      ...(basesDiffer.includes(true)
        ? [
            {
              head: "Bases",
              cell: (p: Pair) => (basesDiffer[pairs.indexOf(p)] ? "bases differ" : "same"),
            },
          ]
        : []),
      ...number(
        "MCC",
        (p) => p.measures.mcc,
        (p) => p.null.mcc,
      ),
      ...number(
        "|MCC|",
        (p) => p.measures.mccAbs,
        (p) => p.null.mccAbs,
      ),
      ...number(
        "Encoder MCC",
        (p) => p.measures.mccEncoder,
        (p) => p.null.mccEncoder,
      ),
      ...number(
        "Mean-max →",
        (p) => p.measures.meanMax[0],
        (p) => p.null.meanMax[0],
      ),
      ...number(
        "Mean-max ←",
        (p) => p.measures.meanMax[1],
        (p) => p.null.meanMax[1],
      ),
      ...(codes
        ? [
            ...number(
              "Jaccard",
              (p) => codes[pairs.indexOf(p)]?.jaccard,
              (p) => codes[pairs.indexOf(p)]?.jaccardNull,
            ),
            ...number(
              "Correlation",
              (p) => codes[pairs.indexOf(p)]?.correlation,
              (p) => codes[pairs.indexOf(p)]?.correlationNull,
            ),
          ]
        : []),
      ...SHARED_THRESHOLDS.flatMap((t, i) =>
        number(
          `Shared@${t}`,
          (p) => p.measures.shared[i],
          (p) => p.null.shared[i],
        ),
      ),
    ],
    pairs,
  );
}

function pairMap({ saes, pairs }: FolderComparison): Markup {
  const known = new Map(pairs.map(({ a, b, measures }) => [`${a} ${b}`, measures.mcc]));
  const svg = heatMap({
    title: "MCC of every pair of SAEs",
    description: "Symmetric table of similarities; the numbers are in the table of pairs as well.",
    names: saes.map(({ name }) => name),
    label: "MCC",
    null: mean(pairs.map((p) => p.null.mcc)),
    value: (i, j) => (i === j ? 1 : known.get(`${Math.min(i, j)} ${Math.max(i, j)}`)),
  });
  return figure(
    svg,
    "Agreement of every pair",
    "Mean cosine of atoms matched one to one. The colours begin at the null of unrelated dictionaries.",
  );
}

/** Matched cosines of all latents: hits near 1, misses near the null. */
function cosineHistogram({ saes, pairs, threshold }: FolderComparison): Markup {
  const cosines = saes.flatMap(({ latents }) =>
    latents.flatMap(({ partners }) => partners.map(({ cosine }) => cosine)),
  );
  const svg = histogram({
    title: "Latents by the cosine of their matched partner",
    description: `Histogram in ${BINS} bins from 0 to 1 over all pairs of SAEs.`,
    start: 0,
    width: 1 / BINS,
    series: [{ name: "matched pairs", counts: binCounts(cosines, 0, 1, BINS) }],
    xLabel: "cosine with the matched partner",
    yLabel: "latents × pairs",
    null: mean(pairs.map((p) => p.null.mcc)),
  });
  return figure(
    svg,
    "Hits and misses",
    `Matched cosines usually have two peaks: features that both SAEs hold, and the rest, near the dotted null. A latent counts as found again from ${threshold}.`,
  );
}

/** unique@k, a curve for each SAE that was compared with three others or more. */
function uniqueCurves(saes: readonly ComparedSae[]): Markup | undefined {
  const shown = saes.filter(({ others }) => others >= 2);
  if (shown.length === 0) return undefined;
  const svg = lineChart({
    title: "Share of latents that no other SAE holds, by the number of SAEs",
    description: "One curve per SAE: the share of its latents that k − 1 others all lack.",
    curves: shown.map(({ name, uniqueAtK }) => ({
      name,
      points: uniqueAtK.map((y, i) => ({ x: i + 1, y })),
    })),
    xLabel: "SAEs, this one included",
    yLabel: "unique latents, share",
    marks: true,
    include: [0, 1],
  });
  return figure(
    svg,
    "How unique latents become rarer",
    "The share of an SAE's latents that k − 1 other SAEs, drawn at random, all lack. Where the curve flattens above zero, some latents would not come back with any number of seeds.",
  );
}

/** Mean cosine of a latent's partners against how often it fires. */
function densityScatter(saes: readonly ComparedSae[]): Markup | undefined {
  const x: number[] = [];
  const y: number[] = [];
  for (const { density, latents } of saes)
    for (const [i, { meanCosine }] of latents.entries())
      if (density && density[i]! > 0 && meanCosine !== undefined) {
        x.push(density[i]!);
        y.push(meanCosine);
      }
  if (x.length === 0) return undefined;
  const svg = scatter({
    title: "Agreement against density",
    description: "One mark per latent that fired on the held-out rows.",
    x,
    y,
    xLabel: "density",
    xKind: "log",
    xInclude: [],
    yLabel: "mean cosine of partners",
    what: "latents",
  });
  return figure(
    svg,
    "Do frequent latents agree more?",
    "Density is the share of a run's held-out rows in which the latent is active. Dead latents are left out.",
  );
}

function alignmentHistogram(saes: readonly ComparedSae[]): Markup {
  const svg = histogram({
    title: "Alignment of encoder and decoder",
    description: `Histogram in ${2 * BINS} bins from -1 to 1 over all latents.`,
    start: -1,
    width: 1 / BINS,
    series: [
      {
        name: "latents",
        counts: binCounts(
          saes.flatMap(({ alignment }) => Array.from(alignment)),
          -1,
          1,
          2 * BINS,
        ),
      },
    ],
    xLabel: "cosine of encoder and decoder direction",
    yLabel: "latents",
    crop: true,
  });
  return figure(
    svg,
    "Alignment of encoder and decoder",
    "Two peaks were reported for every architecture (Brzozowski and Chung 2026); the low one holds latents that are hard to interpret.",
  );
}

const WORDS: readonly (readonly [string, string])[] = [
  ["MCC", "Mean cosine of decoder atoms under the best one-to-one assignment, signed."],
  ["|MCC|", "The same of the size of the cosine. Left out for very large dictionaries."],
  [
    "Mean-max",
    "Mean over atoms of the largest cosine in the other SAE. Grows with the other's size.",
  ],
  [
    "Shared@τ",
    "Share of latents for which decoder and encoder assignment name the same partner, both with a cosine of at least τ (Paulo and Belrose 2025).",
  ],
  [
    "Jaccard, correlation",
    "How alike matched latents fire on the same rows: rows in which both are active of those in which either is, and the correlation of their activations. Their null shuffles the partners.",
  ],
  ["Null", "The same measure of dictionaries with random directions and the same shapes."],
  ["Alignment", "Mean cosine of a latent's encoder and decoder direction."],
];

/** The page. */
export function compareReport(comparison: FolderComparison): string {
  const { saes, pairs, warnings } = comparison;
  const isCompared = pairs.length > 0;
  return page({
    title: `Agreement of ${saes.length} SAEs`,
    body: [
      html`<header><h1>Which features do ${saes.length} SAEs agree on?</h1></header>`,
      answer(comparison),
      warningList(warnings),
      isCompared &&
        figures(
          pairMap(comparison),
          cosineHistogram(comparison),
          uniqueCurves(saes),
          densityScatter(saes),
          alignmentHistogram(saes),
        ),
      section("The SAEs", saeTable(saes)),
      isCompared && section("Pairs", pairTable(comparison)),
      activationSection(comparison.activations, (i) => saes[i]!.name),
      section(
        "What this can and cannot show",
        html`<p>Agreement is measured on weights. It says that SAEs found the same directions, not that these directions mean something. SAEs that a coupling pulled together, or that started from equal weights, agree for that reason too. SAEs of different models, layers or hooks live in different bases.</p>`,
        definitions(WORDS),
      ),
    ],
  });
}
