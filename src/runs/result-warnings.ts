/**
 * @file What makes a run's results doubtful, with the likely cause. Said here and nowhere else:
 *   `run`, `runs`, `show` and the report print what results/evaluation.json keeps.
 */

import { snakeCase } from "../formats/key-case.ts";
import { ARCHITECTURES } from "../sae/registry.ts";

/** Stable names for programs. */
export type ResultWarningCode =
  | "constant_data"
  | "tiny_variance"
  | "large_offset"
  | "few_rows"
  | "not_finite"
  | "fvu_above_one"
  | "training_got_worse"
  | "dead_latents"
  | "other_target";

/** A reason to doubt results. */
export interface ResultWarning {
  readonly code: ResultWarningCode;
  /** What is wrong, its likely cause and what to do, on one line. */
  readonly message: string;
  /** Members that it is about; left out when it is about the data. */
  readonly members?: readonly string[] | undefined;
}

/** What one member's results are judged by. */
export interface JudgedMember {
  readonly name: string;
  readonly architecture: string;
  /** By metric name, see metrics/registry.ts. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly lr: number;
  readonly latents: number;
  /**
   * FVU of the first and the last logged training batch; undefined where it was not a finite
   * number.
   */
  readonly trainingFvu: readonly [first: number | undefined, last: number | undefined];
}

/** What results are judged by. */
export interface ResultFacts {
  readonly heldOutRows: number;
  /** Mean over components of the variance of held-out rows, or of their targets. */
  readonly variance: number;
  /** Mean over components of the squared mean of these rows. */
  readonly meanSquare: number;
  /** Undefined for a source without end. */
  readonly trainingRows: number | undefined;
  readonly batch: number;
  readonly members: readonly JudgedMember[];
}

/** Below this variance, weight gradients of about the same size come near Adam's eps of 1e-8. */
const TINY_VARIANCE = 1e-8;

/**
 * From this ratio of mean to standard deviation on, float32 keeps fewer than three digits of what
 * differs between rows.
 */
const LARGE_OFFSET = 1e4;

/** A larger fraction of latents that never fire is a warning. */
const MOST_DEAD = 0.9;

/** Latents are judged only if each would have been active this many times on average. */
const ENOUGH_ACTIVATIONS = 10;

/** Growth of a training batch's FVU that chance does not explain. */
const GROWTH = 1.5;

function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function dataWarnings(facts: ResultFacts): ResultWarning[] {
  const { heldOutRows, variance, meanSquare, trainingRows, batch, members } = facts;
  const found: ResultWarning[] = [];
  const deviation = Math.sqrt(variance);
  if (variance === 0)
    found.push({
      code: "constant_data",
      message:
        heldOutRows === 1
          ? "There is one held-out row: FVU and explained variance have no meaning. Keep more rows with source.held_out_rows."
          : "All held-out rows are the same: FVU and explained variance have no meaning. Check how the activations were made.",
    });
  else if (
    members.every(({ trainingFvu: [first, last] }) => first === undefined && last === undefined)
  )
    found.push({
      code: "constant_data",
      message:
        batch === 1
          ? "A batch of one row has no variance: FVU while training has no meaning."
          : "All rows of the logged training batches are the same. Check how the activations were made.",
    });
  else if (variance < TINY_VARIANCE)
    found.push({
      code: "tiny_variance",
      message: `The rows vary by ${digits(deviation)} only (standard deviation of a component): gradients come near Adam's eps, and a step of the learning rate is larger than what is to be learnt. Scale the activations to about 1.`,
    });
  const offset = Math.sqrt(meanSquare) / deviation;
  if (variance > 0 && offset > LARGE_OFFSET)
    found.push({
      code: "large_offset",
      message: `The mean of the rows is ${digits(offset)} times their standard deviation: float32 keeps few digits of what differs between them. Subtract the mean from the activations.`,
    });
  if (trainingRows !== undefined && trainingRows < batch)
    found.push({
      code: "few_rows",
      message: `Every batch of ${batch} rows repeats the same ${trainingRows} training rows: what is learnt of them hardly carries over. Bring more rows, or lower training.batch.`,
    });
  return found;
}

function namesOf(members: readonly JudgedMember[], total: number): string {
  const names = members.map(({ name }) => name);
  if (names.length === total && total > 1) return `all ${total} members`;
  const shown = names.slice(0, 4).join(", ");
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}

function lrText(members: readonly JudgedMember[]): string {
  const rates = [...new Set(members.map(({ lr }) => lr))];
  return rates.length === 1 ? `the learning rate (${rates[0]})` : "the learning rate";
}

/** The option that weighs the sparsity penalty of an architecture, as one more thing to lower. */
function orPenalty(architecture: string): string {
  const option = ARCHITECTURES.find(({ name }) => name === architecture)?.penaltyOption;
  return option === undefined ? "" : ` or ${snakeCase(option)}`;
}

/** What SAEs of an architecture reconstruct where that is not the row. */
function reconstructed(architecture: string): string | undefined {
  return ARCHITECTURES.find(({ name }) => name === architecture)?.reconstructs;
}

function grew({ trainingFvu: [first, last] }: JudgedMember): boolean {
  return first !== undefined && last !== undefined && last > GROWTH * first;
}

/** Why members do worse than the mean of the rows. */
function causeOf(member: JudgedMember, dataCodes: ReadonlySet<ResultWarningCode>): string {
  const [first, last] = member.trainingFvu;
  if (dataCodes.has("tiny_variance") || dataCodes.has("large_offset"))
    return "likely because of the scale of the activations, see the warning about it";
  if (grew(member)) return "likely because %lr is too high";
  if (dataCodes.has("few_rows")) return "likely because there are too few training rows";
  if (last === undefined || last <= 1)
    return "although they do better on training batches: the held-out rows are likely unlike the training rows, or these are too few";
  return first !== undefined && last < first
    ? "likely because training was too short: train for more steps, or raise %lr"
    : "likely because %lr is too high";
}

/** Members grouped by their warning. */
function grouped<T>(
  members: readonly JudgedMember[],
  of: (member: JudgedMember) => T | undefined,
): Map<T, JudgedMember[]> {
  const groups = new Map<T, JudgedMember[]>();
  for (const member of members) {
    const key = of(member);
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), member]);
  }
  return groups;
}

/** Reasons to doubt a run's results, those about the data first; empty when there is none. */
export function resultWarnings(facts: ResultFacts): ResultWarning[] {
  const { members, heldOutRows } = facts;
  const found = dataWarnings(facts);
  const codes = new Set(found.map(({ code }) => code));
  const say = (code: ResultWarningCode, of: (member: JudgedMember) => string | undefined): void => {
    for (const [text, group] of grouped(members, of))
      found.push({
        code,
        message: text
          .replace("%members", namesOf(group, members.length))
          .replace("%lr", lrText(group)),
        members: group.map(({ name }) => name),
      });
  };
  say("not_finite", ({ metrics }) => {
    const explained = (name: string) =>
      codes.has("constant_data") && (name === "fvu" || name === "explained_variance");
    const bad = Object.entries(metrics).filter(
      ([name, value]) => !Number.isFinite(value) && !explained(name),
    );
    if (bad.length === 0) return undefined;
    return `Not a finite number: ${bad.map(([name]) => name).join(", ")} of %members, likely because %lr or the activations are too large.`;
  });
  say("other_target", ({ architecture }) => {
    const target = reconstructed(architecture);
    return (
      target &&
      `%members reconstruct ${target}: FVU and errors against rows are not to be compared with those of other SAEs. The analysis symmetry has those that are.`
    );
  });
  say("fvu_above_one", (member) => {
    const fvu = member.metrics["fvu"];
    if (reconstructed(member.architecture) !== undefined) return undefined;
    if (fvu === undefined || !Number.isFinite(fvu) || fvu <= 1) return undefined;
    return `FVU is above 1, worse than predicting the mean: %members, ${causeOf(member, codes)}.`;
  });
  const above = new Set(
    found.flatMap((w) => (w.code === "fvu_above_one" ? (w.members ?? []) : [])),
  );
  say("training_got_worse", (member) => {
    if (above.has(member.name) || !grew(member)) return undefined;
    return `FVU of training batches grew from the first to the last: %members, likely because %lr${orPenalty(member.architecture)} is too high.`;
  });
  say("dead_latents", ({ architecture, metrics, latents }) => {
    const [dead, l0] = [metrics["dead_fraction"] ?? 0, metrics["l0"] ?? Number.NaN];
    if (l0 === 0 || dead === 1)
      return `No latent is ever active on held-out rows: %members, likely because %lr${orPenalty(architecture)} is too high.`;
    if (dead < MOST_DEAD || !(heldOutRows * l0 >= ENOUGH_ACTIVATIONS * latents)) return undefined;
    return "More than nine tenths of the latents are never active on held-out rows: %members, likely because %lr is too high, training too short, or d_sae too large.";
  });
  return found;
}
