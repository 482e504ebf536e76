/**
 * @file The end of a run, and of a sweep, as small tables: every similarity next to that of random
 *   dictionaries.
 */

import { basename } from "node:path";
import type { RunSummary } from "../experiments/run-context.ts";
import { isCoupled, runSettings } from "../report/run-settings.ts";
import { sweepSummary as summaryOf } from "../report/sweep-summary.ts";
import type {
  ConsistencyResult,
  EvaluationResult,
  MemberEvaluation,
  SampledPairs,
} from "../runs/results.ts";
import {
  meanMcc,
  meanMccModulo,
  pwMccOf,
  settingKeys,
  settingNotes,
  settingOf,
  settingParts,
  valueText,
} from "../runs/settings.ts";
import { short, table } from "./output.ts";
import { settingTable } from "./setting-table.ts";

type Results = RunSummary["results"];

/** JSON has no NaN: a metric that is not a number is null in results that were read back. */
function metric(member: MemberEvaluation, name: string): number {
  return member.metrics[name] ?? Number.NaN;
}

const METRICS = [
  ["FVU", "fvu"],
  ["L0", "l0"],
  ["dead", "dead_fraction"],
] as const;

/** Names of settings and their values for each member; the architecture has a column of its own. */
export function settingColumns(members: readonly MemberEvaluation[]): {
  readonly names: readonly string[];
  readonly cells: (member: MemberEvaluation) => string[];
} {
  const names = settingKeys(members.map(settingOf)).filter((key) => key !== "architecture");
  return { names, cells: (member) => names.map((key) => valueText(settingOf(member)[key])) };
}

/** `, over 2000 of 124750 pairs drawn at random`; empty when all were compared. */
function sampleText(sample: SampledPairs | undefined): string {
  return sample ? `, over ${sample.compared} of ${sample.of} pairs drawn at random` : "";
}

/**
 * What is said below a table of members: PW-MCC, or a line for every setting. Then what no mean
 * counts, and whether the data stands in for other data.
 */
export function agreementLines(results: Results, config?: unknown): string[] {
  const { evaluation, consistency } = results;
  const parts = settingParts(evaluation, consistency);
  const settings = runSettings({ evaluation, consistency, config });
  const pw = pwMccOf(evaluation, consistency);
  const modulo = pw && meanMccModulo(parts.flatMap((part) => part.pairs));
  const outside = parts.length === 1 ? meanMcc(parts[0]!.independent) : undefined;
  const [inner, outer] = [consistency?.sampled_pairs, consistency?.sampled_independent].map(
    sampleText,
  );
  return [
    ...(settings ? ["", "By setting:", ...settingTable(settings)] : []),
    ...(pw ? [`PW-MCC ${short(pw.mean)} (null ${short(pw.null)})${inner}`] : []),
    ...(modulo
      ? [
          `PW-MCC modulo ${consistency?.group} ${short(modulo.mean)} (null ${short(modulo.null)})${inner}`,
        ]
      : []),
    ...(outside
      ? [
          `MCC with independent members ${short(outside.mean)} (null ${short(outside.null)})${outer}`,
        ]
      : []),
    ...(evaluation.substitute ? [`The data is a substitute: ${evaluation.substitute}`] : []),
  ];
}

/**
 * A run: its members with their settings, and how far they agree.
 *
 * @param config The run's config, which says whether a coupling pulled the members together.
 */
export function runSummary(results: Results, config?: unknown): string {
  const { evaluation, consistency } = results;
  const truth = new Map(consistency?.ground_truth?.map((g) => [g.member, g]));
  const settings = settingColumns(evaluation.members);
  const header = [
    "member",
    "architecture",
    ...settings.names,
    "seed",
    ...METRICS.map(([label]) => label),
    ...(truth.size > 0 ? ["GT-MCC", "null"] : []),
  ];
  const rows = evaluation.members.map((m) => {
    const g = truth.get(m.name);
    return [
      m.name,
      m.architecture,
      ...settings.cells(m),
      String(m.seed),
      ...METRICS.map(([, name]) => short(metric(m, name))),
      ...(g ? [short(g.mcc), short(g.mcc_null)] : []),
    ];
  });
  return [table(header, rows), ...agreementLines(results, config)].join("\n");
}

/** What no mean counts, each sentence once, with how many of several runs it is true of. */
export function noteLines(
  runs: readonly {
    readonly evaluation?: EvaluationResult | undefined;
    readonly consistency?: ConsistencyResult | undefined;
  }[],
): string[] {
  const all = runs.flatMap(({ evaluation, consistency }) =>
    evaluation ? settingNotes(evaluation, consistency) : [],
  );
  const times = (note: string) => all.filter((other) => other === note).length;
  return [...new Set(all)].map((note) =>
    runs.length === 1 ? note : `In ${times(note)} of ${runs.length} runs: ${note}`,
  );
}

/** One run of a sweep, with what it differs in from the others. */
export interface SweptRun extends Pick<RunSummary, "folder" | "results"> {
  readonly axes: Readonly<Record<string, unknown>>;
  readonly config: unknown;
}

/** The settings of a sweep, a line each, as means over seeds. */
export function sweepSummary(runs: readonly SweptRun[]): string {
  const summary = summaryOf(
    runs.map(({ folder, results, axes, config }) => ({
      name: basename(folder.path),
      axes,
      evaluation: results.evaluation,
      consistency: results.consistency,
      coupled: isCoupled(config),
    })),
  );
  const notes = summary.substitutes.map((text) => `The data is a substitute: ${text}`);
  return [...settingTable(summary), ...notes].join("\n");
}
