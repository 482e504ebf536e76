/** @file What a run found, in words: the paragraph that a report begins with. */

import { agreement } from "../analyses/agreement.ts";
import { isWanted } from "../analyses/analyses.ts";
import { valueAt } from "../base/json.ts";
import { mean } from "../base/statistics/mean.ts";
import { describeSource } from "../domains/domains.ts";
import { count, fixed, percent, plural, significant } from "../figures/number-text.ts";
import { couplingTitle } from "../population/couplings/registry.ts";
import type { EvaluationResult, MemberEvaluation } from "../runs/results.ts";
import { meanMcc, settingNotes, settingParts } from "../runs/settings.ts";
import type { RunData } from "./run-data.ts";
import { fvuEnds, runSettings } from "./run-settings.ts";
import { latentCount, meanSimilarity } from "./run-tables.ts";
import { axisName, axisText } from "./sweep-axes.ts";
import type { SweepCell, SweepSummary } from "./sweep-summary.ts";

/** A similarity next to its null, and a word when the two are hardly different. */
function besideNull(value: number, chance: number): string {
  const words = value - chance < 0.02 ? ", hardly more than chance" : "";
  return `${fixed(value, 3)} (null ${fixed(chance, 3)})${words}`;
}

/** The members that are judged, and those that stand outside every coupling. */
export function insideAndOutside(evaluation: EvaluationResult): {
  readonly inside: readonly MemberEvaluation[];
  readonly outside: readonly MemberEvaluation[];
} {
  const { members } = evaluation;
  return { inside: members.filter((m) => m.coupled), outside: members.filter((m) => !m.coupled) };
}

/** The coupling that was in force, as words; undefined when there was none. */
function couplingWords(data: Pick<RunData, "config">): string | undefined {
  const weight = Number(valueAt(data.config, "coupling.weight") ?? 0);
  if (!(weight > 0)) return undefined;
  const matching = valueAt(data.config, "coupling.matching");
  const title = couplingTitle(String(valueAt(data.config, "coupling.kind") ?? "mfr"));
  return `${title} of weight ${significant(weight)}${matching === undefined ? "" : ` (${String(matching)} matching)`}`;
}

function trainingSentence({ record, evaluation, consistency, config }: RunData): string {
  const steps = record.totalSteps;
  const batch = Number(valueAt(config, "training.batch"));
  const { inside, outside } = insideAndOutside(evaluation!);
  const architectures = [...new Set(inside.map((m) => m.architecture))].join(", ");
  const sizes = [...new Set(inside.map(latentCount))].map(count).join(" or ");
  const coupling = couplingWords({ config });
  const settings = runSettings({ evaluation, consistency, config });
  const varied = settings
    ? ` of ${count(settings.cells.length)} settings of ${settings.axes.map(axisName).join(", ")}`
    : "";
  return [
    `${plural(inside.length, "sparse autoencoder")}${varied} (${architectures}, ${sizes} latents)`,
    outside.length > 0 ? ` and ${plural(outside.length, "independent one")}` : "",
    inside.length + outside.length > 1 ? " were" : " was",
    ` trained on ${describeSource(record.provenance)}`,
    steps ? ` for ${plural(steps, "step")}` : "",
    steps && batch ? ` of ${plural(batch, "activation")}` : "",
    coupling ? `, pulled together by ${coupling}` : inside.length > 1 ? ", with no coupling" : "",
    ".",
  ].join("");
}

function metricOf(members: readonly MemberEvaluation[], name: string) {
  const values = members.map((m) => m.metrics[name] ?? Number.NaN).filter(Number.isFinite);
  if (values.length === 0) return undefined;
  return {
    mean: mean(values),
    low: Math.min(...values),
    high: Math.max(...values),
    n: values.length,
  };
}

/** The best and the worst setting: a mean over all of them would be of nothing in particular. */
function settingsSentence(summary: SweepSummary, rows: number): string {
  const ends = fvuEnds(summary);
  const before = `On ${count(rows)} held-out activations`;
  if (!ends) return `${before} the variance unexplained is not a number in any setting.`;
  const fvu = (cell: SweepCell) => significant(cell.metrics["fvu"]!.mean, 3);
  const l0 = ends.best.metrics["l0"];
  const dead = ends.best.metrics["dead_fraction"];
  const facts = [
    ...(l0 ? [`${plural2(l0.mean)} active at a time`] : []),
    ...(dead ? [`${percent(dead.mean)} never active`] : []),
  ];
  const beside = facts.length > 0 ? ` (${facts.join(", ")})` : "";
  return `${before} the lowest mean FVU, ${fvu(ends.best)}, is that of ${axisText(ends.best.axes)}${beside}; the highest, ${fvu(ends.worst)}, that of ${axisText(ends.worst.axes)}.`;
}

function reconstructionSentence(data: RunData): string {
  const { evaluation } = data;
  const settings = runSettings(data);
  if (settings) return settingsSentence(settings, evaluation!.rows);
  const { inside } = insideAndOutside(evaluation!);
  const fvu = metricOf(inside, "fvu");
  const l0 = metricOf(inside, "l0");
  const dead = metricOf(inside, "dead_fraction");
  const rows = `On ${count(evaluation!.rows)} held-out activations`;
  if (!fvu) return `${rows} the variance unexplained is not a number.`;
  const range =
    fvu.n > 1
      ? ` (FVU ${significant(fvu.mean, 3)}; from ${significant(fvu.low, 3)} to ${significant(fvu.high, 3)} by member)`
      : ` (FVU ${significant(fvu.mean, 3)})`;
  const worse = fvu.mean >= 1 ? ", no better than always predicting the mean" : "";
  return [
    `${rows} they leave ${percent(fvu.mean)} of the variance unexplained${range}${worse}`,
    l0 ? `, with ${plural2(l0.mean)} active at a time` : "",
    dead ? ` and ${percent(dead.mean)} never active` : "",
    ".",
  ].join("");
}

function plural2(n: number): string {
  return `${significant(n, 3)} ${n === 1 ? "latent" : "latents"}`;
}

/** `0.5`, or `0.5 to 0.7`. */
function range(values: readonly number[]): string {
  const ends = [Math.min(...values), Math.max(...values)].map((v) => fixed(v, 3));
  return [...new Set(ends)].join(" to ");
}

function consistencySentences({ consistency, evaluation, config }: RunData): string[] {
  if (!consistency || !evaluation) return [];
  const { inside } = insideAndOutside(evaluation);
  const sentences: string[] = [];
  const parts = settingParts(evaluation, consistency);
  const byPart = parts.flatMap((part) => meanMcc(part.pairs) ?? []);
  const pw = parts.length === 1 ? byPart[0] : undefined;
  if (pw)
    sentences.push(
      `Matched one to one, the atoms of two members have a mean cosine of ${fixed(pw.mean, 3)}, where unrelated dictionaries of the same shape have ${fixed(pw.null, 3)}${pw.mean - pw.null < 0.02 ? ": hardly more than chance" : ""}.`,
    );
  else if (byPart.length > 0)
    sentences.push(
      `Matched one to one, the atoms of two members that differ in their seeds alone have a mean cosine of ${range(byPart.map((p) => p.mean))} by setting (null ${range(byPart.map((p) => p.null))}).`,
    );
  if (consistency.sampled_pairs) {
    const { compared, of } = consistency.sampled_pairs;
    sentences.push(`${count(compared)} of the ${count(of)} pairs, drawn at random, were compared.`);
  }
  if (!pw && byPart.length === 0 && inside.length === 1)
    sentences.push("With one member there is nothing to say of consistency.");
  sentences.push(...settingNotes(evaluation, consistency));
  const names = new Set(inside.map((m) => m.name));
  const truth = (consistency.ground_truth ?? []).filter((g) => names.has(g.member));
  if (truth.length > 0 && parts.length > 1) {
    const means = parts.flatMap((part) => meanMcc(part.truth) ?? []);
    sentences.push(
      `With the true features the mean cosine is ${range(means.map((t) => t.mean))} by setting (null ${range(means.map((t) => t.null))}).`,
    );
  } else if (truth.length > 0) {
    const t = meanSimilarity(truth);
    sentences.push(
      `With the true features ${pw ? "the mean" : "the mean cosine"} is ${besideNull(t.mcc, t.mcc_null)}.`,
    );
  }
  const independent = parts.flatMap((part) => part.independent);
  const coupling = couplingWords({ config });
  if (independent.length > 0) {
    const i = meanSimilarity(independent);
    sentences.push(`With independent members the mean is ${besideNull(i.mcc, i.mcc_null)}.`);
  }
  if (coupling && byPart.length > 0)
    sentences.push(
      independent.length > 0 || truth.length > 0
        ? "The coupling rewards agreement between members, so only what lies outside it counts as evidence: the independent members and the truth, where there is one."
        : "The coupling rewards agreement between members, so their agreement is no evidence; population.independent adds members to judge by.",
    );
  return sentences;
}

/** Why a run without results has none; undefined for one that finished. */
export function unfinishedWords(data: RunData): string | undefined {
  const { record, evaluation, consistency } = data;
  const isComplete = consistency !== undefined || !isWanted(data.config ?? {}, agreement);
  if (record.status === "finished" && evaluation && isComplete) return undefined;
  const last = record.attempts.at(-1);
  const of = record.totalSteps === undefined ? "" : ` of ${count(record.totalSteps)}`;
  const at = last?.toStep === undefined ? "" : ` at step ${count(last.toStep)}${of}`;
  const error = last?.error ? `: ${last.error}` : "";
  if (record.status === "failed") return `This run failed${at}${error}`;
  if (record.status === "interrupted")
    return `This run was interrupted${at}. It can go on from its last checkpoint with --resume.`;
  if (record.status === "running")
    return `This run had not finished when this page was written${at}: it was still going on, or was killed. Report it again once it has finished, or go on with --resume.`;
  return "This run says that it has finished, but its results are missing.";
}

/** A sentence that says what the data is a substitute for; empty for real data. */
export function substituteSentence(substitutes: readonly string[]): string[] {
  if (substitutes.length === 0) return [];
  const text = substitutes.join("; ");
  return [`The data is a substitute: ${text}${text.endsWith(".") ? "" : "."}`];
}

/**
 * The answer in words: what was trained, how well it reconstructs, how consistent it is, and what
 * that rests on.
 */
export function runAnswer(data: RunData): string {
  if (!data.evaluation) {
    const { metrics, record } = data;
    return metrics.lines === 0
      ? "Nothing has been measured yet."
      : `So far there are training curves up to step ${count(metrics.lastStep)}${record.totalSteps ? ` of ${count(record.totalSteps)}` : ""}; nothing has been evaluated on held-out activations.`;
  }
  const { substitute } = data.evaluation;
  return [
    trainingSentence(data),
    reconstructionSentence(data),
    ...consistencySentences(data),
    ...substituteSentence(substitute === undefined ? [] : [substitute]),
  ].join(" ");
}
