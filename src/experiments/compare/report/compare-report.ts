/**
 * @file The report of a comparison: which features SAEs agree on, as one self-contained page.
 *
 * It shows what numbers alone hide: that matched cosines fall into hits and misses, that rare
 * latents recur less, and how far the null reaches.
 */

import { mean } from "../../../base/statistics/mean.ts";
import { SHARED_THRESHOLDS } from "../../../consistency/lab/pair-measures.ts";
import { type Content, html, type Markup } from "../../../figures/html/html.ts";
import { figures, page, section } from "../../../figures/html/page.ts";
import { definitions, numberCell, table } from "../../../figures/html/table.ts";
import { percent } from "../../../figures/number-text.ts";
import type { ComparedSae, FolderComparison } from "../compare-folders.ts";
import { activationSection } from "./activation-report.ts";
import { DICTIONARY_WORDS, dictionaryTables, LIMITS } from "./report-dictionaries.ts";
import {
  alignmentHistogram,
  cosineHistogram,
  densityScatter,
  pairMap,
  uniqueCurves,
} from "./report-figures.ts";
import { excessChart, meanMaxChart, unmatchedChart } from "./report-ratios.ts";

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

const WORDS: readonly (readonly [string, string])[] = [
  ["MCC", "Mean cosine of decoder atoms under the best one-to-one assignment, signed."],
  [
    "|MCC|",
    "The same of the size of the cosine. Left out for very large dictionaries, unless --any-size is given.",
  ],
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
          densityScatter(comparison),
          meanMaxChart(comparison),
          excessChart(comparison),
          unmatchedChart(comparison),
          alignmentHistogram(saes),
        ),
      section("The SAEs", saeTable(saes)),
      isCompared && section("Pairs", pairTable(comparison)),
      activationSection(comparison.activations, (i) => saes[i]!.name),
      isCompared && section("Dictionaries", ...dictionaryTables(comparison)),
      section(
        "What this can and cannot show",
        LIMITS,
        definitions([...WORDS, ...DICTIONARY_WORDS]),
      ),
    ],
  });
}
