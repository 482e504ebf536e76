/** @file The end of a run, and of a sweep, as small tables: every similarity next to that of random dictionaries. */

import { basename } from "node:path";
import type { RunSummary } from "../experiments/train-run.ts";
import { short, table } from "./output.ts";

type Results = RunSummary["results"];

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** JSON has no NaN: a metric that is not a number is null in results that were read back. */
function metric(member: Results["evaluation"]["members"][number], name: string): number {
  return member.metrics[name] ?? Number.NaN;
}

const METRICS = [
  ["FVU", "fvu"],
  ["L0", "l0"],
  ["dead", "dead_fraction"],
] as const;

/** MCC of the coupled members with those that no coupling touched, and its null; undefined without either. */
function withIndependent({ consistency }: Results): readonly [number, number] | undefined {
  const { independent } = consistency;
  if (!independent || independent.length === 0) return undefined;
  return [mean(independent.map((i) => i.mcc)), mean(independent.map((i) => i.mcc_null))];
}

/** `, over 2000 of 124750 pairs drawn at random`; empty when all were compared. */
export function sampleText(sample: Results["consistency"]["sampled_pairs"]): string {
  return sample ? `, over ${sample.compared} of ${sample.of} pairs drawn at random` : "";
}

/** A run: its members, and how far they agree. */
export function runSummary(results: Results): string {
  const { evaluation, consistency } = results;
  const truth = new Map(consistency.ground_truth?.map((g) => [g.member, g]));
  const names = METRICS.map(([label]) => label);
  const header = [
    "member",
    "architecture",
    ...names,
    ...(truth.size > 0 ? ["GT-MCC", "null"] : []),
  ];
  const rows = evaluation.members.map((m) => {
    const g = truth.get(m.name);
    return [
      ...[m.name, m.architecture, ...METRICS.map(([, name]) => short(metric(m, name)))],
      ...(g ? [short(g.mcc), short(g.mcc_null)] : []),
    ];
  });
  const lines = [table(header, rows)];
  const { pw_mcc: pw } = consistency;
  const sample = sampleText(consistency.sampled_pairs);
  if (pw) lines.push(`PW-MCC ${short(pw.mean)} (null ${short(pw.null)})${sample}`);
  const outside = withIndependent(results);
  if (outside)
    lines.push(
      `MCC with independent members ${short(outside[0])} (null ${short(outside[1])})${sampleText(consistency.sampled_independent)}`,
    );
  if (evaluation.substitute) lines.push(`The data is a substitute: ${evaluation.substitute}`);
  return lines.join("\n");
}

/** The runs of a sweep, a line each, as means over their coupled members. */
export function sweepSummary(runs: readonly Pick<RunSummary, "folder" | "results">[]): string {
  const hasPw = runs.some(({ results }) => results.consistency.pw_mcc);
  const hasOutside = runs.some(({ results }) => withIndependent(results));
  const header = [
    ...["run", ...METRICS.map(([label]) => label)],
    ...(hasPw ? ["PW-MCC", "null"] : []),
    ...(hasOutside ? ["MCC with independent", "null"] : []),
  ];
  const rows = runs.map(({ folder, results }) => {
    const coupled = results.evaluation.members.filter((m) => m.coupled);
    const pw = results.consistency.pw_mcc;
    const outside = withIndependent(results);
    return [
      basename(folder.path),
      ...METRICS.map(([, name]) => short(mean(coupled.map((m) => metric(m, name))))),
      ...(hasPw ? (pw ? [short(pw.mean), short(pw.null)] : ["", ""]) : []),
      ...(hasOutside ? (outside ? outside.map(short) : ["", ""]) : []),
    ];
  });
  const substitute = runs.find(({ results }) => results.evaluation.substitute)?.results;
  const note = substitute ? [`The data is a substitute: ${substitute.evaluation.substitute}`] : [];
  return [table(header, rows), ...note].join("\n");
}
