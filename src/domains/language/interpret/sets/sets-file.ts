/** @file Sets of questions for judges, and their answers: one JSON line each. */

import { z } from "zod";
import { FormatError } from "../../../../errors.ts";
import { issueText } from "../../../../formats/issue-text.ts";
import { readJsonl } from "../../../../formats/jsonl.ts";

const text = z.object({
  tokens: z.array(z.string()),
  /** 1 for each token on which the latent is said to be active; null where nothing is marked. */
  marks: z.array(z.int().min(0).max(1)).nullable(),
});

const common = {
  id: z.string(),
  member: z.string(),
  latent: z.int().min(0),
  texts: z.array(text),
};

/** One line of the questions. */
export const judgeSetSchema = z.discriminatedUnion("kind", [
  z.object({
    ...common,
    kind: z.literal("detection"),
    /** 1 for each text in which the latent is active. */
    answer: z.array(z.int().min(0).max(1)),
  }),
  z.object({
    ...common,
    kind: z.literal("intruder"),
    /** Number of the text that is of another latent, from 0. */
    answer: z.int().min(0),
  }),
]);

/** A set of questions with its solution. */
export type JudgeSet = z.output<typeof judgeSetSchema>;

/** One line of the answers: the form of `answer` is that of the set. */
export const judgeAnswerSchema = z.object({
  id: z.string(),
  answer: z.union([z.int().min(0), z.array(z.int().min(0).max(1))]),
});

/** What a judge said to a set. */
export type JudgeAnswer = z.output<typeof judgeAnswerSchema>;

/** @throws {FormatError} naming the line that is something else. */
export async function readLines<T>(path: string, schema: z.ZodType<T>): Promise<T[]> {
  const all: T[] = [];
  let line = 0;
  for await (const value of readJsonl(path)) {
    line++;
    const parsed = schema.safeParse(value, { error: issueText });
    if (parsed.success) all.push(parsed.data);
    else {
      const { path: key, message } = parsed.error.issues[0]!;
      throw new FormatError(
        path,
        `line ${line}, ${key.map(String).join(".") || "all"}: ${message}.`,
      );
    }
  }
  return all;
}
