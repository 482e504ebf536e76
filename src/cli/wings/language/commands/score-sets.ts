/** @file concord interpret --score-answers: what a judge answered to exported sets. */

import {
  INTRUDER_CHANCE,
  meanScore,
  notesOfAnswers,
  scoreAnswers,
} from "../../../../domains/language/interpret/sets/score-answers.ts";
import {
  judgeAnswerSchema,
  judgeSetSchema,
  readLines,
} from "../../../../domains/language/interpret/sets/sets-file.ts";
import { ConfigError } from "../../../../errors.ts";
import { NOTES_FOLDER } from "../../../../evidence/notes.ts";
import { takeWriterLock } from "../../../../formats/writer-lock.ts";
import type { RunFolder } from "../../../../runs/run-folder.ts";
import { short, table } from "../../../output.ts";
import { print, warn } from "../../../print.ts";

interface Options {
  readonly scoreAnswers?: string;
  readonly sets?: string;
  readonly judge?: string;
  readonly json?: boolean;
}

/** Decides the resampling of intervals. */
const SEED = 0;

/** Scores answers, and notes them on the latents' cards. */
export async function scoreSets(
  folder: RunFolder,
  { scoreAnswers: answersPath, sets: setsPath, judge, json }: Options,
): Promise<void> {
  if (setsPath === undefined || judge === undefined)
    throw new ConfigError(
      "--score-answers needs --sets, the file of the sets, and --judge, a name.",
    );
  const sets = await readLines(setsPath, judgeSetSchema);
  const scored = scoreAnswers(sets, await readLines(answersPath!, judgeAnswerSchema));
  const lock = await takeWriterLock(folder.path);
  try {
    const name = `judge-${judge.replaceAll(/[^\w.-]+/g, "_")}.json`;
    await folder.makeFolder("results", NOTES_FOLDER);
    await folder.writeJson(`results/${NOTES_FOLDER}/${name}`, notesOfAnswers(scored, judge));
  } finally {
    await lock.release();
  }
  const members = [...new Set(sets.map(({ member }) => member))];
  const kinds = [
    ["detection", 0.5],
    ["intruder", INTRUDER_CHANCE],
  ] as const;
  const rows = members.flatMap((member) =>
    kinds.flatMap(([kind, chance]) => {
      const of = meanScore(scored, kind, member, SEED);
      return of ? [{ member, kind, ...of, chance }] : [];
    }),
  );
  const { unanswered, malformed } = scored;
  if (json) return print(`${JSON.stringify({ judge, scores: rows, unanswered, malformed })}\n`);
  if (malformed > 0) warn(`${malformed} answers are not of the form of their sets.`);
  const spread = (interval: readonly [number, number] | undefined) =>
    interval ? `[${short(interval[0])}, ${short(interval[1])}]` : "";
  const lines = rows.map(({ member, kind, mean, interval, chance, latents }) => {
    return [member, kind, short(mean), spread(interval), short(chance), String(latents)];
  });
  const head = ["member", `judged by ${judge}`, "mean", "95 %", "chance", "latents"];
  print(`${table(head, lines)}\n${unanswered} of ${sets.length} sets have no answer.\n`);
}
