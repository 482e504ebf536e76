/** @file What concord compare prints of whole dictionaries, below the table of pairs. */

import type { FolderComparison } from "../../experiments/compare/compare-folders.ts";
import { short, table } from "../output.ts";

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const beside = (value: number, none: number | undefined) =>
  none === undefined ? short(value) : `${short(value)} (${short(none)})`;

/** Stability over all others together, a line per SAE. */
function stabilityTable({ saes, dictionaries }: FolderComparison): string {
  const rows = saes.flatMap(({ name }, i) => {
    const { stability, diversity, sharedInBoth, decay } = dictionaries.saes[i]!;
    if (!stability || !sharedInBoth) return [];
    const { relaxed, overlap } = stability;
    return [
      [
        name,
        beside(relaxed.value, relaxed.null),
        `${percent(overlap.value)}${overlap.null === undefined ? "" : ` (${percent(overlap.null)})`}`,
        `${diversity.atoms} of ${diversity.of}`,
        percent(sharedInBoth.counts.always),
        percent(sharedInBoth.counts.never),
        decay ? `${percent(decay.offset)} ± ${percent(decay.error)}` : "–",
      ],
    ];
  });
  const head = [
    "SAE",
    "relaxed stability (null)",
    "overlap@0.6 (null)",
    "diversity@0.7",
    "always shared",
    "never shared",
    "unique@∞",
  ];
  return table(head, rows);
}

const NAMES: Readonly<Record<string, string>> = {
  mcc_abs: "|MCC|",
  mcc_encoder: "encoder MCC",
  stability_exact: "exact stability",
  cka: "linear CKA",
  svcca: "SVCCA",
  rsa: "RSA",
  subspace_overlap: "subspace overlap@16",
};

/** Means over pairs, a line per measure. */
function pairwiseTable({ dictionaries }: FolderComparison): string {
  const { pairwise, pwMccAlive } = dictionaries;
  const named = [
    ["MCC without dead latents", pwMccAlive] as const,
    ...Object.entries(pairwise).map(([name, found]) => [NAMES[name] ?? name, found] as const),
  ];
  const rows = named.flatMap(([name, found]) =>
    found
      ? [
          [
            name,
            short(found.mean),
            short(found.null),
            found.interval ? `${short(found.interval[0])} to ${short(found.interval[1])}` : "–",
          ],
        ]
      : [],
  );
  return table(["mean over pairs", "value", "null", "95 % over SAEs"], rows);
}

function dataLine({ rank, saes }: FolderComparison): string[] {
  if (!rank) return [];
  const widths = [...new Set(saes.map(({ dSae }) => dSae))].join(", ");
  return [
    `The rows fill ${short(rank.effectiveRank)} of ${rank.dIn} dimensions (effective rank; participation ratio ${short(rank.participationRatio)}); the SAEs have ${widths} latents.`,
  ];
}

/** The tables of dictionaries; empty where no pair was compared. */
export function dictionariesText(comparison: FolderComparison): string {
  if (comparison.pairs.length === 0) return "";
  const parts = [
    stabilityTable(comparison),
    "always and never shared: decoder and encoder name the same partner in every other SAE, in none",
    "",
    pairwiseTable(comparison),
    ...dataLine(comparison),
  ];
  return `${parts.join("\n")}\n`;
}
