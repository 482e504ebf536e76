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
        decay ? `${percent(decay.offset)}, fit ± ${percent(decay.error)}` : "–",
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
  subspace_overlap: "subspace overlap",
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

/** Pairs of two widths that the terminal shows. */
const SPLITS_SHOWN = 12;

/** How many latents of the narrow SAE have several children, a line per pair of two widths. */
function splitsTable({ dictionaries, saes }: FolderComparison): string[] {
  const all = dictionaries.pairs.flatMap(({ splits }) => (splits ? [splits] : []));
  if (all.length === 0) return [];
  const from = (counts: readonly number[] | undefined, first: number) =>
    counts?.slice(first).reduce((sum, n) => sum + n, 0);
  const rows = all
    .slice(0, SPLITS_SHOWN)
    .map(({ wide, narrow, byChildren, byChildrenNull, orphans, orphansNull }) => [
      `${saes[wide]!.name} in ${saes[narrow]!.name}`,
      beside(from(byChildren, 1)!, from(byChildrenNull, 1)),
      beside(from(byChildren, 2)!, from(byChildrenNull, 2)),
      beside(orphans, orphansNull),
    ]);
  const head = ["wide in narrow", "parents (null)", "with several children", "without a parent"];
  const more = all.length - rows.length;
  return [
    "",
    table(head, rows),
    ...(more > 0 ? [`${more} more pairs of two widths: --json or --out has them all`] : []),
  ];
}

/** The largest rank in the sentence about unmatched latents, as a share of d_in. */
const RANK_SHARE = 1 / 4;

/** How much of unmatched latents lies where the other SAE's unmatched latents lie. */
function unmatchedLine({ dictionaries, pairs, saes }: FolderComparison): string[] {
  const found = dictionaries.pairs.flatMap(({ unmatched }, i) => {
    const { dIn } = saes[pairs[i]!.a]!;
    return unmatched.flatMap((one) => (one?.matched ? [{ ...one, dIn }] : []));
  });
  const dIn = found[0]?.dIn;
  const same = found.filter((one) => one.dIn === dIn);
  const at = found[0]?.ranks.findLastIndex((rank) => rank <= RANK_SHARE * dIn!) ?? -1;
  if (at < 0) return [];
  const mean = (of: (one: (typeof same)[number]) => readonly number[]) =>
    percent(same.reduce((sum, one) => sum + of(one)[at]!, 0) / same.length);
  return [
    "",
    `Unmatched latents have ${mean((one) => one.energy)} of their squared length in the ${same[0]!.ranks[at]} leading directions of the other's unmatched latents; matched latents ${mean((one) => one.matched!)}, random ones ${mean((one) => one.null)}.`,
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
    ...splitsTable(comparison),
    ...unmatchedLine(comparison),
  ];
  return `${parts.join("\n")}\n`;
}
