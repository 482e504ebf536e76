/** @file What activations say of SAEs, as tables of the terminal. */

import type { FolderComparison, RowComparison } from "../experiments/compare/compare-folders.ts";
import { transfersBothWays } from "../experiments/compare/rows/compare-activations.ts";
import { short, table } from "./output.ts";

/** Pairs that the terminal shows; --json and --out have all. */
const PAIRS_SHOWN = 21;

const fvu = (value: number | undefined) => (value === undefined ? "–" : short(value));

type Name = (sae: number) => string;

function matchTable({ pairs }: RowComparison, name: Name): string {
  const range = (interval: readonly [number, number] | undefined) =>
    interval ? `${short(interval[0])} to ${short(interval[1])}` : "–";
  return table(
    [
      "matched by activation",
      "correlation (null)",
      "95 %",
      "rarest 10 %",
      "most frequent",
      "Jaccard",
      "matched",
    ],
    pairs
      .slice(0, PAIRS_SHOWN)
      .map((pair) => [
        `${name(pair.a)} – ${name(pair.b)}`,
        `${short(pair.correlation)} (${short(pair.correlationNull)})`,
        range(pair.interval),
        fvu(pair.deciles[0]?.correlation),
        fvu(pair.deciles.at(-1)?.correlation),
        `${short(pair.jaccard)} (${short(pair.jaccardNull)})`,
        `${pair.matched} of ${pair.live.join(", ")}`,
      ]),
  );
}

function transferTable({ pairs }: RowComparison, name: Name): string | undefined {
  const tried = transfersBothWays(pairs.slice(0, PAIRS_SHOWN));
  if (tried.length === 0) return undefined;
  return table(
    [
      "FVU of an SAE",
      "on activations of",
      "raw",
      "Procrustes",
      "scaled",
      "affine",
      "own SAE",
      "condition",
      "MCC after map (null)",
    ],
    tried.map(({ sae, on, found, transfer, at }) => [
      name(sae),
      name(on),
      fvu(found.raw),
      fvu(found.procrustes),
      fvu(found.scaled),
      fvu(found.affine),
      fvu(found.own),
      short(transfer.conditioning[at]!.condition),
      `${short(transfer.mccProcrustes)} (${short(transfer.mccNull)})`,
    ]),
  );
}

/** Tables of matching by activation and of transfer; undefined without rows. */
export function activationTables({ saes, activations }: FolderComparison): string | undefined {
  if (!activations || activations.pairs.length === 0) return undefined;
  const name: Name = (i) => saes[i]!.name;
  const tables = [matchTable(activations, name), transferTable(activations, name)];
  const more = activations.pairs.length - PAIRS_SHOWN;
  const rest = more > 0 ? `\n${more} more pairs: --json or --out has them all` : "";
  return `${tables.filter((one) => one !== undefined).join("\n\n")}${rest}`;
}

/** Effective rank of an SAE's rows; a dash where it is not known. */
export function effectiveRankOf({ activations }: FolderComparison, sae: number): string {
  const rank = activations?.sets.find(({ saes }) => saes.includes(sae))?.rank?.effectiveRank;
  return rank === undefined ? "–" : short(rank);
}
