/** @file Reads answers of a language model: undefined for one that is not of the form asked for. */

import { z } from "zod";
import type { ChatAnswer, TokenChoice } from "../../../../fetch/chat/chat.ts";
import { LEVELS } from "./questions.ts";

/** JSON of an answer, also where the model put it into a code block; undefined: not JSON. */
function jsonOf({ text }: Pick<ChatAnswer, "text">): unknown {
  const inner = /^```(?:json)?\s*([\s\S]*?)\s*```$/.exec(text.trim())?.[1] ?? text;
  try {
    return JSON.parse(inner);
  } catch {
    return undefined;
  }
}

/** The explanation; undefined where the answer has none. */
export function explanationOf(answer: Pick<ChatAnswer, "text">): string | undefined {
  const parsed = z.object({ explanation: z.string().trim().min(1) }).safeParse(jsonOf(answer));
  return parsed.success ? parsed.data.explanation : undefined;
}

/** `count` zeros and ones; undefined where the answer is something else. */
export function choicesOf(answer: Pick<ChatAnswer, "text">, count: number): number[] | undefined {
  const form = z.object({ answers: z.array(z.union([z.literal(0), z.literal(1)])).length(count) });
  const parsed = form.safeParse(jsonOf(answer));
  return parsed.success ? parsed.data.answers : undefined;
}

const levelOfToken = (token: string) =>
  /^\s*(?:10|[0-9])\s*$/.test(token) ? Number(token) : undefined;

/** Σ level · p over the alternatives that are levels, p renormalised over these. */
function expectation({ top }: TokenChoice): number | undefined {
  let [sum, total] = [0, 0];
  for (const { token, logprob } of top) {
    const level = levelOfToken(token);
    if (level === undefined) continue;
    sum += level * Math.exp(logprob);
    total += Math.exp(logprob);
  }
  return total > 0 ? sum / total : undefined;
}

/**
 * `count` activations from 0 to 10. Where the endpoint gave log-probabilities and every number is
 * one token, they are expectations over the levels; else the numbers themselves.
 *
 * @returns undefined where the answer is something else.
 */
export function activationsOfAnswer(
  answer: Pick<ChatAnswer, "text" | "choices">,
  count: number,
): number[] | undefined {
  const level = z.number().min(0).max(LEVELS);
  const parsed = z.object({ activations: z.array(level).length(count) }).safeParse(jsonOf(answer));
  if (!parsed.success) return undefined;
  const levels = answer.choices?.filter(({ token }) => levelOfToken(token) !== undefined) ?? [];
  if (levels.length !== count) return parsed.data.activations;
  const expected = levels.map(expectation);
  return expected.every((one) => one !== undefined) ? expected : parsed.data.activations;
}
