/** @file Warns of SAEs that may agree because they started from the same weights. */

import type { StartOfPair } from "../../runs/starts.ts";
import type { OpenedSae } from "./open-saes.ts";

/** What is needed of an SAE: its name, shape, seed and format. */
export type StartedSae = Pick<OpenedSae, "name" | "seed" | "format"> & {
  readonly sae: Pick<OpenedSae["sae"], "dIn" | "dSae">;
};

/** Lists of SAEs that have the same key; those without one are left out. */
function groupsBy(saes: readonly StartedSae[], keyOf: (sae: StartedSae) => string | undefined) {
  const groups = new Map<string, StartedSae[]>();
  for (const sae of saes) {
    const key = keyOf(sae);
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), sae]);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

const shapeOf = ({ sae }: StartedSae) => `${sae.dIn} ${sae.dSae}`;
const namesOf = (saes: readonly StartedSae[]) => saes.map(({ name }) => name).join(", ");

function sameSeed(saes: readonly StartedSae[]): string[] {
  const groups = groupsBy(saes, (sae) =>
    sae.seed === undefined ? undefined : `${sae.seed} ${shapeOf(sae)}`,
  );
  return groups.map(
    (group) =>
      `${namesOf(group)} have the seed ${group[0]!.seed} and one shape: if they started from the same weights, part of their agreement is that start.`,
  );
}

/** What programs are known to do with seeds, by format (Paulo and Belrose 2025). */
const KNOWN: Readonly<Record<string, string>> = {
  gemma_scope:
    "The SAEs of Gemma Scope share one initial seed: part of the agreement of those with one shape is that start",
  sparsify:
    "sparsify initialises the SAEs of all hookpoints of a run from one seed: part of the agreement of SAEs of one run is that start",
};

function sameProgram(saes: readonly StartedSae[]): string[] {
  const groups = groupsBy(saes, (sae) =>
    KNOWN[sae.format] === undefined || sae.seed !== undefined
      ? undefined
      : `${sae.format} ${shapeOf(sae)}`,
  );
  return groups.map((group) => `${KNOWN[group[0]!.format]} (here ${namesOf(group)}).`);
}

/** From this share of the way from the null to 1, starts are no longer unrelated. */
const RELATED_FROM = 0.1;

/** Members whose decoders were alike before the first step, as their run recorded. */
function relatedStarts(
  saes: readonly StartedSae[],
  starts: readonly (StartOfPair | undefined)[],
  pairs: readonly { readonly a: number; readonly b: number }[],
): string[] {
  return pairs.flatMap(({ a, b }, i) => {
    const start = starts[i];
    if (!start || start.mean_max_null === null) return [];
    const excess = (start.mean_max - start.mean_max_null) / (1 - start.mean_max_null);
    if (excess < RELATED_FROM) return [];
    return [
      `${saes[a]!.name} and ${saes[b]!.name} were alike before the first step: their mean-max cosine was ${start.mean_max.toFixed(3)}, that of random decoders is ${start.mean_max_null.toFixed(3)}.`,
    ];
  });
}

/**
 * Reasons to think that SAEs started from the same weights, a sentence each.
 *
 * @param measured What the runs recorded of the pairs, in the order of `pairs`.
 */
export function startWarnings(
  saes: readonly StartedSae[],
  measured: readonly { readonly start: StartOfPair | undefined }[],
  pairs: readonly { readonly a: number; readonly b: number }[],
): string[] {
  return [
    ...sameSeed(saes),
    ...sameProgram(saes),
    ...relatedStarts(
      saes,
      measured.map(({ start }) => start),
      pairs,
    ),
  ];
}
