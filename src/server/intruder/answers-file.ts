/**
 * @file `intruder/answers.jsonl` of a run: what persons answered, a line each. It is the only file
 *   that the server writes.
 */

import { existsSync } from "node:fs";
import { z } from "zod";
import { wilsonInterval } from "../../base/statistics/wilson-interval.ts";
import { openJsonlAppender, readJsonl } from "../../formats/jsonl.ts";
import { parseResult } from "../../runs/parse-result.ts";
import type { RunFolder } from "../../runs/run-folder.ts";
import type { IntruderScore, IntruderSets } from "../api/intruder.ts";
import { DECILES, OWN_CONTEXTS } from "./draw-set.ts";

const FOLDER = "intruder";
const FILE = `${FOLDER}/answers.jsonl`;

const answerSchema = z.object({
  at: z.string(),
  id: z.string(),
  member: z.string(),
  latent: z.number().int(),
  other: z.number().int(),
  decile: z
    .number()
    .int()
    .min(0)
    .max(DECILES - 1),
  intruder: z.number().int(),
  choice: z.number().int(),
  right: z.boolean(),
});

/** One answer of a person. */
export type IntruderAnswer = z.output<typeof answerSchema>;

/** What guessing gives. */
const CHANCE = 1 / (OWN_CONTEXTS + 1);

/** Adds an answer. @throws {ConcordError} `file/io` where the run's folder cannot be written. */
export async function appendAnswer(folder: RunFolder, answer: IntruderAnswer): Promise<void> {
  await folder.makeFolder(FOLDER);
  const file = await openJsonlAppender(folder.file(FILE));
  try {
    await file.append(answer);
  } finally {
    await file.close();
  }
}

/** The answers so far, the first one to each set: later ones know the solution. */
async function* firstAnswers(folder: RunFolder): AsyncGenerator<IntruderAnswer> {
  const path = folder.file(FILE);
  if (!existsSync(path)) return;
  const seen = new Set<string>();
  for await (const value of readJsonl(path)) {
    const answer = parseResult(answerSchema, value, path);
    if (seen.has(answer.id)) continue;
    seen.add(answer.id);
    yield answer;
  }
}

function scoreOf(right: number, answers: number): IntruderScore {
  return {
    answers,
    right,
    accuracy: answers === 0 ? null : right / answers,
    interval: wilsonInterval(right, answers) ?? null,
    chance: CHANCE,
  };
}

/**
 * How many answers were right.
 *
 * @throws {FormatError} naming the file where a line is not an answer.
 */
export async function readScores(folder: RunFolder): Promise<IntruderSets["scores"]> {
  const tally = Array.from({ length: DECILES }, () => ({ right: 0, answers: 0 }));
  for await (const { decile, right } of firstAnswers(folder)) {
    tally[decile]!.answers++;
    if (right) tally[decile]!.right++;
  }
  const total = (key: "right" | "answers") => tally.reduce((sum, one) => sum + one[key], 0);
  return {
    all: scoreOf(total("right"), total("answers")),
    deciles: tally.map(({ right, answers }) => scoreOf(right, answers)),
  };
}
