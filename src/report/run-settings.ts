/**
 * @file The settings of one run's members, as numbers: a population summarised like the runs of a
 *   sweep.
 */

import { valueAt } from "../base/json.ts";
import type { ConsistencyResult, EvaluationResult } from "../runs/results.ts";
import { settingParts } from "../runs/settings.ts";
import { type SweepCell, type SweepSummary, sweepSummary } from "./sweep-summary.ts";

/** What a run found, and the config that says whether a coupling pulled its members together. */
export interface RunNumbers {
  readonly evaluation: EvaluationResult | undefined;
  readonly consistency: ConsistencyResult | undefined;
  readonly config: unknown;
}

/** Whether a coupling is in force. */
export function isCoupled(config: unknown): boolean {
  return Number(valueAt(config, "coupling.weight") ?? 0) > 0;
}

/**
 * The numbers of every setting of a run's members; undefined where they have one setting, and
 * without results.
 */
export function runSettings({
  evaluation,
  consistency,
  config,
}: RunNumbers): SweepSummary | undefined {
  if (!evaluation || settingParts(evaluation, consistency).length < 2) return undefined;
  return sweepSummary([
    { name: "", axes: {}, evaluation, consistency, coupled: isCoupled(config) },
  ]);
}

/** The settings with the lowest and the highest mean FVU; undefined where no setting has one. */
export function fvuEnds({
  cells,
}: SweepSummary): { readonly best: SweepCell; readonly worst: SweepCell } | undefined {
  const fvu = (cell: SweepCell) => cell.metrics["fvu"]!.mean;
  const sorted = cells.filter((cell) => cell.metrics["fvu"]).sort((a, b) => fvu(a) - fvu(b));
  const [best, worst] = [sorted[0], sorted.at(-1)];
  return best && worst && { best, worst };
}
