/** @file Tables of the denoising study: means over seeds, and what arms differ by. */

import { type MeanInterval, meanInterval } from "../../../src/base/statistics/mean-interval.ts";
import { fixed } from "../../../src/figures/number-text.ts";
import { armName, type Cell, TRAINING_KINDS, TRAININGS, type TrainingKind } from "./cell.ts";
import type { ArmResult } from "./evaluation.ts";
import { STUDY } from "./settings.ts";

/** Cells that are one row of the tables per seed: several folds are averaged. */
export interface Group {
  readonly title: string;
  readonly note: string;
  readonly cells: readonly Cell[];
}

export const RATIOS = STUDY.snrDb.map(String);
export const MIDDLE = RATIOS[Math.floor(RATIOS.length / 2)]!;
export const MEMBER = `, a member`;
export const ENSEMBLE = `, mean of ${STUDY.members}`;

/** A ratio as it is printed. */
export const signed = (snr: string): string => snr.replace("-", "−");

/** A number of an arm. */
export type Pick = (result: ArmResult) => number;
export const bySnr =
  (snr: string, metric = "snr_gain"): Pick =>
  (r) =>
    r.bySnr[snr]![metric]!;
export const byKind =
  (kind: string): Pick =>
  (r) =>
    r.byKind[kind]!;

/** One value for each seed: the mean over the group's folds. */
export function perSeed(group: Group, arm: string, pick: Pick): number[] {
  const seeds = [...new Set(group.cells.map((c) => c.seed))];
  return seeds.map((seed) => {
    const values = group.cells
      .filter((c) => c.seed === seed)
      .map((c) => pick(c.arms.find((a) => a.arm === arm)!));
    return values.reduce((sum, v) => sum + v / values.length, 0);
  });
}

export function interval(values: readonly number[]): MeanInterval {
  const found = meanInterval(values);
  if (!found) throw new Error(`A value is missing: ${values.join(", ")}`);
  return found;
}

export function text({ mean, high }: MeanInterval, decimals = 2, signed = false): string {
  const sign = signed && mean > 0 ? "+" : "";
  const half = high === undefined ? undefined : high - mean;
  const least = 10 ** -decimals;
  const tiny = half !== undefined && half > 0 && half < least / 2;
  const around =
    half === undefined ? "" : ` ± ${tiny ? `<${fixed(least, decimals)}` : fixed(half, decimals)}`;
  return `${sign}${fixed(mean, decimals)}${around}`;
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, i) => (i === 0 ? "---" : "---:"));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

interface TableColumn {
  readonly head: string;
  readonly pick: Pick;
}

export function armTable(group: Group, columns: readonly TableColumn[]): string {
  const arms = group.cells[0]!.arms.map((a) => a.arm);
  return markdownTable(
    ["denoised by", ...columns.map((c) => c.head)],
    arms.map((arm) => [
      arm,
      ...columns.map(({ pick }) => text(interval(perSeed(group, arm, pick)))),
    ]),
  );
}

/** a − b by seed. */
export function difference(group: Group, a: string, b: string, pick: Pick): MeanInterval {
  const [x, y] = [a, b].map((arm) => perSeed(group, arm, pick));
  return interval(x!.map((v, i) => v - y![i]!));
}

export type Verdict = "better" | "worse" | "open";

/** What an interval of differences allows to say; nothing with one seed. */
export function verdict({ low, high }: MeanInterval): Verdict {
  if (low === undefined || high === undefined) return "open";
  if (low > 0) return "better";
  return high < 0 ? "worse" : "open";
}

const MARKS: Readonly<Record<Verdict, string>> = { better: " ▲", worse: " ▼", open: "" };

const COMPARISONS = [
  ["MFR against no coupling, a member", "mfr", MEMBER, "uncoupled", MEMBER],
  ["MFR against no coupling, mean of members", "mfr", ENSEMBLE, "uncoupled", ENSEMBLE],
  ["MFR, mean of members, against one SAE at equal compute", "mfr", ENSEMBLE, "single", ""],
  [
    "uncoupled, mean of members, against one SAE at equal compute",
    "uncoupled",
    ENSEMBLE,
    "single",
    "",
  ],
  ["the mean of uncoupled members against a member", "uncoupled", ENSEMBLE, "uncoupled", MEMBER],
] as const;

export function comparisonTable(group: Group): string {
  const uncoupled = (training: TrainingKind) => `${armName(training, "uncoupled")}${MEMBER}`;
  const lines = TRAINING_KINDS.flatMap((training) =>
    COMPARISONS.map(([what, a, aForm, b, bForm]) => ({
      what: what as string,
      way: TRAININGS[training].title as string,
      one: `${armName(training, a)}${aForm}`,
      other: `${armName(training, b)}${bForm}`,
    })),
  );
  for (const other of TRAINING_KINDS.filter((kind) => kind !== "pairs")) {
    const what = `an uncoupled member, against one trained ${TRAININGS[other].title}`;
    const way = TRAININGS.pairs.title;
    lines.push({ what, way, one: uncoupled("pairs"), other: uncoupled(other) });
  }
  const rows = lines.map(({ what, way, one, other }) => [
    what,
    way,
    ...RATIOS.map((snr) => {
      const found = difference(group, one, other, bySnr(snr));
      return `${text(found, 2, true)}${MARKS[verdict(found)]}`;
    }),
  ]);
  return markdownTable(
    ["comparison", "training", ...RATIOS.map((snr) => `at ${signed(snr)} dB`)],
    rows,
  );
}

/** PW-MCC by training; of a group's folds the mean. */
export function agreementTable({ cells }: Group): string {
  const names = Object.keys(cells[0]!.agreement);
  const seeds = [...new Set(cells.map((c) => c.seed))];
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v / values.length, 0);
  return markdownTable(
    ["population", "PW-MCC", "of unrelated dictionaries"],
    names.map((name) => {
      const of = (seed: number, what: "mean" | "null") =>
        mean(cells.filter((c) => c.seed === seed).map((c) => c.agreement[name]![what]));
      const [found, chance] = (["mean", "null"] as const).map((what) =>
        interval(seeds.map((seed) => of(seed, what))),
      );
      return [name, text(found!, 3), text(chance!, 3)];
    }),
  );
}
