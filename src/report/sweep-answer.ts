/** @file What a sweep found, in words. */

import { count, fixed, significant } from "../figures/number-text.ts";
import { COMPARED_METRICS } from "../runs/compared-metrics.ts";
import { substituteSentence } from "./run-answer.ts";
import { axisName, axisText } from "./sweep-axes.ts";
import type { CellMetric, SweepCell, SweepSummary } from "./sweep-summary.ts";

/** Fewer seeds than this allow no comparison. */
const FEWEST_SEEDS = 3;
/** With more settings than this, only tables show them. */
const MOST_SENTENCES = 4;

function difference(label: string, value: CellMetric | undefined): string | undefined {
  const d = value?.difference;
  if (!d || d.low === undefined || d.high === undefined) return undefined;
  const range = `${signed(d.low)} to ${signed(d.high)}`;
  const nothing = d.low <= 0 && d.high >= 0 ? ", which includes 0" : "";
  return `${label} by ${signed(d.mean)} (${range}${nothing})`;
}

function signed(value: number): string {
  return `${value > 0 ? "+" : ""}${significant(value, 2)}`;
}

function joined(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

function comparison(first: SweepCell, cell: SweepCell): string[] {
  // Agreement between coupled members is what a coupling rewards; what lies outside it comes first.
  const keys = ["fvu", "gt_mcc", "independent_mcc"];
  const known = COMPARED_METRICS.filter(({ metric }) => keys.includes(metric.name));
  const parts = known.flatMap(
    ({ metric }) => difference(metric.label, cell.metrics[metric.name]) ?? [],
  );
  if (parts.length === 0) return [];
  return [`Against ${axisText(first.axes)}, ${axisText(cell.axes)} changes ${joined(parts)}.`];
}

function lowestFvu(cells: readonly SweepCell[]): string[] {
  const known = cells.filter((cell) => cell.metrics["fvu"]);
  if (known.length < 2) return [];
  const best = known.reduce((a, b) => (b.metrics["fvu"]!.mean < a.metrics["fvu"]!.mean ? b : a));
  return [
    `The lowest mean FVU, ${significant(best.metrics["fvu"]!.mean, 3)}, is that of ${axisText(best.axes)}.`,
  ];
}

function agreement(cells: readonly SweepCell[]): string[] {
  const values = cells.flatMap((cell) => cell.metrics["pw_mcc"] ?? []);
  if (values.length === 0) return [];
  const means = values.map((v) => v.mean);
  const nulls = values.map((v) => v.null).filter((v) => v !== undefined);
  const range = (all: readonly number[]) => {
    const ends = [Math.min(...all), Math.max(...all)].map((v) => fixed(v, 3));
    return ends[0] === ends[1] ? ends[0]! : `${ends[0]} to ${ends[1]}`;
  };
  return [`PW-MCC is ${range(means)} over the settings (null ${range(nulls)}).`];
}

/**
 * The answer of a sweep: how many runs, what differs from the first setting, and how sure that is.
 */
export function sweepAnswer(summary: SweepSummary): string {
  const { cells, axes } = summary;
  const [first, ...others] = cells;
  // A run whose members have several settings is in several cells.
  const finished = new Set(cells.flatMap((cell) => cell.runs)).size;
  const unfinished = new Set(cells.flatMap((cell) => cell.unfinished)).size;
  const fewest = Math.min(...cells.map((cell) => cell.seeds));
  const sentences = [
    `${count(finished)} ${finished === 1 ? "run" : "runs"} of ${count(cells.length)} ${cells.length === 1 ? "setting" : "settings"}${axes.length > 0 ? ` of ${axes.map(axisName).join(", ")}` : ""}${unfinished > 0 ? `; ${count(unfinished)} more have not finished and are not counted` : ""}.`,
    ...agreement(cells),
    ...(others.length <= MOST_SENTENCES
      ? others.flatMap((cell) => comparison(first!, cell))
      : lowestFvu(cells)),
  ];
  const hasIntervals = others.some((cell) =>
    Object.values(cell.metrics).some((m) => m.difference?.low !== undefined),
  );
  if (hasIntervals && others.length <= MOST_SENTENCES)
    sentences.push(
      `In brackets are ${100 * summary.confidence}\u202f% intervals of differences paired by seed.`,
    );
  if (fewest < FEWEST_SEEDS)
    sentences.push(
      `Some settings have fewer than ${FEWEST_SEEDS} seeds: too few to conclude anything from their differences.`,
    );
  const same = summary.shared_seeds.length;
  if (same > 0)
    sentences.push(
      `In ${count(same)} of the runs pairs of members share a seed and so began with the same weights; PW-MCC leaves them out.`,
    );
  return [...sentences, ...substituteSentence(summary.substitutes)].join(" ");
}
