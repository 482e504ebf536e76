/**
 * @file Perplexity with SAEs in the model by their width and one other value, as papers print it.
 *   There is a row for every value (an L1 coefficient, say), a column for every width, and L0.
 */

import { mean } from "../../../base/statistics/mean.ts";
import type { EvaluationResult } from "../../../runs/results.ts";
import { settingKeys, settingOf, valueText } from "../../../runs/settings.ts";
import type { SpliceNumbers } from "./splice-numbers.ts";

/** A row of the grid. */
export interface PerplexityRow {
  readonly value: string;
  /** By width: the mean over members that differ in their seeds; undefined where there are none. */
  readonly perplexities: readonly (number | undefined)[];
  /** Least and largest L0 of the row's members, in the model. */
  readonly l0: readonly [number, number];
}

/** Perplexities by width and one other value. */
export interface PerplexityGrid {
  /** The key of the other value. */
  readonly key: string;
  /** Ascending. */
  readonly widths: readonly number[];
  /** In the order in which the values first occur. */
  readonly rows: readonly PerplexityRow[];
}

const WIDTH = "d_sae";

/**
 * The grid of a run whose members differ, besides their seeds, in the width and one other value;
 * undefined for other runs.
 */
export function perplexityGrid(
  { saes }: SpliceNumbers,
  { members }: Pick<EvaluationResult, "members">,
): PerplexityGrid | undefined {
  const keys = settingKeys(members.map(settingOf));
  const [key] = keys.filter((one) => one !== WIDTH);
  if (keys.length !== 2 || key === undefined) return undefined;
  const found = members.flatMap((member) => {
    const sae = saes.find(({ name }) => name === member.name);
    const setting = settingOf(member);
    if (sae === undefined) return [];
    const value = valueText(setting[key]);
    return [{ width: Number(setting[WIDTH]), value, sae }];
  });
  const widths = [...new Set(found.map(({ width }) => width))].sort((a, b) => a - b);
  const values = [...new Set(found.map(({ value }) => value))];
  const rows = values.map((value): PerplexityRow => {
    const own = found.filter((one) => one.value === value);
    const perplexities = widths.map((width) => {
      const entropies = own
        .filter((one) => one.width === width)
        .map(({ sae }) => Math.exp(sae.cross_entropy ?? Number.NaN));
      return entropies.length === 0 ? undefined : mean(entropies);
    });
    const l0s = own.map(({ sae }) => sae.l0 ?? Number.NaN);
    return { value, perplexities, l0: [Math.min(...l0s), Math.max(...l0s)] };
  });
  return { key, widths, rows };
}
