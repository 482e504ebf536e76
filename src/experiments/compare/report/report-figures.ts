/**
 * @file The figures of agreement between SAEs: who agrees with whom, which latents come back, and
 *   what those that do not have in common.
 */

import { binCounts } from "../../../base/statistics/bin-counts.ts";
import { mean } from "../../../base/statistics/mean.ts";
import type { Markup } from "../../../figures/html/html.ts";
import { figure } from "../../../figures/html/page.ts";
import { heatMap } from "../../../figures/plot/heat-map.ts";
import { histogram } from "../../../figures/plot/histogram.ts";
import { lineChart } from "../../../figures/plot/line-chart.ts";
import { scatter } from "../../../figures/plot/scatter.ts";
import type { ComparedSae, FolderComparison } from "../compare-folders.ts";

const BINS = 50;

/** The MCC of every pair as a table of colours. */
export function pairMap({ saes, pairs }: FolderComparison): Markup {
  const known = new Map(pairs.map(({ a, b, measures }) => [`${a} ${b}`, measures.mcc]));
  const drawing = heatMap({
    title: "MCC of every pair of SAEs",
    description: "Symmetric table of similarities; the numbers are in the table of pairs as well.",
    names: saes.map(({ name }) => name),
    label: "MCC",
    null: mean(pairs.map((p) => p.null.mcc)),
    value: (i, j) => (i === j ? 1 : known.get(`${Math.min(i, j)} ${Math.max(i, j)}`)),
  });
  return figure(
    drawing,
    "Agreement of every pair",
    "Mean cosine of atoms matched one to one. The colours begin at the null of unrelated dictionaries.",
  );
}

/**
 * Matched cosines of all latents, hits near 1 and misses near the null, over those of as many
 * matched random dictionaries.
 */
export function cosineHistogram({ pairs, threshold }: FolderComparison): Markup {
  const counts = (of: (pair: (typeof pairs)[number]) => Float32Array) =>
    pairs
      .map((pair) => binCounts(of(pair), 0, 1, BINS))
      .reduce((sum, more) => sum.map((n, i) => n + more[i]!));
  const matched = counts(({ measures: { decoderMatching } }) =>
    decoderMatching.cosine.filter((_, i) => decoderMatching.partnerOfA[i]! >= 0),
  );
  const drawing = histogram({
    title: "Matched pairs of latents by their cosine",
    description: `Histogram in ${BINS} bins from 0 to 1 over all pairs of SAEs, and the same of random dictionaries of their shapes.`,
    start: 0,
    width: 1 / BINS,
    series: [
      { name: "these SAEs", counts: matched },
      { name: "random dictionaries", counts: counts((pair) => pair.null.matched), colour: 6 },
    ],
    xLabel: "cosine with the matched partner",
    yLabel: "matched latents",
  });
  return figure(
    drawing,
    "Hits and misses",
    `Matched cosines usually have two peaks: features that both SAEs hold, and the rest. The rest is evidence for nothing where it lies under the second outline, which random dictionaries of the same shapes give. A latent counts as found again from ${threshold}.`,
  );
}

/** unique@k, a curve for each SAE that was compared with three others or more. */
export function uniqueCurves(saes: readonly ComparedSae[]): Markup | undefined {
  const shown = saes.filter(({ others }) => others >= 2);
  if (shown.length === 0) return undefined;
  const drawing = lineChart({
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
    drawing,
    "How unique latents become rarer",
    "The share of an SAE's latents that k − 1 other SAEs, drawn at random, all lack. Where the curve flattens above zero, some latents would not come back with any number of seeds.",
  );
}

/** Mean cosine of a latent's partners against how often it fires. */
export function densityScatter({ saes, pairs }: FolderComparison): Markup | undefined {
  const x: number[] = [];
  const y: number[] = [];
  for (const { density, latents } of saes)
    for (const [i, { meanCosine }] of latents.entries())
      if (density && density[i]! > 0 && meanCosine !== undefined) {
        x.push(density[i]!);
        y.push(meanCosine);
      }
  if (x.length === 0) return undefined;
  const drawing = scatter({
    title: "Agreement against density",
    description: "One mark per latent that fired on the held-out rows.",
    x,
    y,
    xLabel: "density",
    xKind: "log",
    xInclude: [],
    yLabel: "mean cosine of partners",
    nullY: mean(pairs.map((p) => p.null.mcc)),
    what: "latents",
  });
  return figure(
    drawing,
    "Do frequent latents agree more?",
    "Density is the share of a run's held-out rows in which the latent is active. Dead latents are left out. At the dotted null, a latent agrees no more than one of random direction.",
  );
}

/** How encoder and decoder directions of one latent agree. */
export function alignmentHistogram(saes: readonly ComparedSae[]): Markup {
  const drawing = histogram({
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
    drawing,
    "Alignment of encoder and decoder",
    "Two peaks were reported for every architecture (Brzozowski and Chung 2026); the low one holds latents that are hard to interpret.",
  );
}
