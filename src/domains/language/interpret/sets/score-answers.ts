/** @file Scores what a judge answered to sets of questions. */

import { randomStream } from "../../../../base/philox.ts";
import { meanBootstrap } from "../../../../base/statistics/bootstrap.ts";
import { ConcordError } from "../../../../errors.ts";
import type { LatentNotes } from "../../../../evidence/latent-note.ts";
import { OWN } from "../scores/embedding-scores.ts";
import { balancedAccuracy } from "../scores/statistics.ts";
import type { JudgeAnswer, JudgeSet } from "./sets-file.ts";

/** Scores of one latent by kind of question; those without an answer are left out. */
export interface AnsweredLatent {
  readonly member: string;
  readonly latent: number;
  readonly detection?: number;
  readonly intruder?: number;
}

/** What a judge reached. */
export interface ScoredAnswers {
  readonly latents: readonly AnsweredLatent[];
  /** Sets without an answer, and answers whose form is not that of their set. */
  readonly unanswered: number;
  readonly malformed: number;
}

/** Chance of an intruder set. */
export const INTRUDER_CHANCE = 1 / (OWN + 1);

/** Whether an answer was right, from 0 to 1; undefined where its form is another. */
function scoreOf(set: JudgeSet, { answer }: JudgeAnswer): number | undefined {
  if (set.kind === "intruder") {
    if (typeof answer !== "number" || answer > OWN) return undefined;
    return answer === set.answer ? 1 : 0;
  }
  if (typeof answer === "number" || answer.length !== set.answer.length) return undefined;
  const said = (truth: number) => answer.filter((_, i) => set.answer[i] === truth).map(Boolean);
  return balancedAccuracy(said(1), said(0));
}

/**
 * Scores answers: balanced accuracy of each detection set, and the share of a latent's intruder
 * sets whose intruder was named.
 *
 * @throws {ConcordError} `argument/invalid` for an answer to a set that is not there, or a second
 *   one.
 */
export function scoreAnswers(
  sets: readonly JudgeSet[],
  answers: readonly JudgeAnswer[],
): ScoredAnswers {
  const byId = new Map(sets.map((set) => [set.id, set]));
  const given = new Map<string, JudgeAnswer>();
  for (const answer of answers) {
    const problem = !byId.has(answer.id)
      ? "is not among the sets"
      : given.has(answer.id)
        ? "was answered twice"
        : undefined;
    if (problem !== undefined)
      throw new ConcordError("argument/invalid", `The set "${answer.id}" ${problem}.`, {
        hint: "Answers belong to the file of sets that they were made from.",
      });
    given.set(answer.id, answer);
  }
  const found = new Map<
    string,
    { member: string; latent: number; scores: Map<string, number[]> }
  >();
  let [unanswered, malformed] = [0, 0];
  for (const set of sets) {
    const answer = given.get(set.id);
    const score = answer && scoreOf(set, answer);
    if (!answer) unanswered++;
    else if (score === undefined) malformed++;
    if (score === undefined) continue;
    const { member, latent, kind } = set;
    const name = `${member}:${latent}`;
    const of = found.get(name) ?? { member, latent, scores: new Map() };
    of.scores.set(kind, [...(of.scores.get(kind) ?? []), score]);
    found.set(name, of);
  }
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v / values.length, 0);
  const latents = [...found.values()].map(({ member, latent, scores }): AnsweredLatent => {
    const means = [...scores].map(([kind, values]) => [kind, mean(values)] as const);
    return { member, latent, ...Object.fromEntries(means) };
  });
  return { latents, unanswered, malformed };
}

/** Mean over latents with a 95 % interval; undefined without any. */
export function meanScore(
  { latents }: ScoredAnswers,
  kind: "detection" | "intruder",
  member: string,
  seed: number,
) {
  const values = latents.flatMap((one) =>
    one.member === member && one[kind] !== undefined ? [one[kind]] : [],
  );
  if (values.length === 0) return undefined;
  const mean = values.reduce((sum, v) => sum + v / values.length, 0);
  const stream = randomStream(seed, `judge-answers/${member}/${kind}`);
  return { mean, interval: meanBootstrap(stream, values), latents: values.length };
}

/** Scores of each latent, for its card. */
export function notesOfAnswers({ latents }: ScoredAnswers, judge: string): LatentNotes {
  const members: LatentNotes["members"] = {};
  for (const { member, latent, detection, intruder } of latents) {
    const scores = [
      ...(detection === undefined ? [] : [{ name: "detection", value: detection, chance: 0.5 }]),
      ...(intruder === undefined
        ? []
        : [{ name: "intruder", value: intruder, chance: INTRUDER_CHANCE }]),
    ];
    members[member] ??= {};
    members[member][String(latent)] = { text: "", scores };
  }
  return { title: `Judged by ${judge}`, members };
}
