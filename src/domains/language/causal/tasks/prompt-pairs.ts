/** @file Prompts of a task and their counterfactuals, as tokens. */

import { integerAt, type RandomStream, randomStream } from "../../../../base/philox.ts";
import { ConcordError } from "../../../../errors.ts";
import type { TextTokenizer } from "../../text/tokenizer.ts";
import { SLOT, slotsOf, type Task } from "./task.ts";

/** One text up to its answer. */
export interface Prompt {
  readonly text: string;
  /** What a model that does the task says next. */
  readonly answer: string;
  /** Tokens, with what stands in front of every text. */
  readonly ids: readonly number[];
}

/** Two prompts of one length that differ in one slot, and so in the right answer. */
export interface PromptPair {
  readonly base: Prompt;
  readonly counterfactual: Prompt;
  /** First token of the answer of `base`. */
  readonly answer: number;
  /** First token of the answer of `counterfactual`. */
  readonly other: number;
}

/** Pairs, and what was left out for them. */
export interface PromptPairs {
  readonly pairs: readonly PromptPair[];
  /** Answers of several tokens, which no pair has. */
  readonly leftOut: readonly string[];
}

/** How many pairs to draw. */
export interface DrawOptions {
  readonly count: number;
  readonly seed: number;
  /** Only every other filling of the changed slot: those of 0 and of 1 have none in common. */
  readonly part?: 0 | 1;
}

/** Draws for a pair until it is given up. */
const DRAWS = 50;

/** What fills a slot, and the answer that it makes right. */
interface Filling {
  readonly text: string;
  readonly answer: string;
}

function fillingsOf({ slots }: Task, slot: string): Filling[] {
  const values = slots[slot]!;
  if (Array.isArray(values)) return values.map((text) => ({ text, answer: text }));
  return Object.entries(values).flatMap(([answer, texts]) =>
    texts.map((text) => ({ text, answer })),
  );
}

/** Tokens that come first in every text of a model. */
export function startOf({ around, separatorId }: TextTokenizer): readonly number[] {
  return around.before.length === 0 && separatorId !== undefined ? [separatorId] : around.before;
}

/** A text with its answer: behind a space, unless the text ends with one. */
export const answered = (text: string, answer: string) =>
  text.endsWith(" ") ? text + answer : `${text} ${answer}`;

/** Tokens of an answer behind a prompt; undefined where both grow together. */
function answerTokens(tokenizer: TextTokenizer, text: string, answer: string) {
  const head = tokenizer.encode(text);
  const whole = tokenizer.encode(answered(text, answer));
  if (head.some((id, i) => whole[i] !== id)) return undefined;
  return whole.subarray(head.length);
}

/** Draws one thing after another from a stream. */
class Draw {
  #at = 0;
  readonly #stream: RandomStream;

  constructor(stream: RandomStream) {
    this.#stream = stream;
  }

  of<T>(values: readonly T[]): T {
    return values[integerAt(this.#stream, this.#at++, values.length)]!;
  }
}

/**
 * Draws pairs. Templates take turns. All slots of a prompt hold different texts. The other
 * filling of the changed slot differs from them too, and its answer from theirs. Both
 * prompts have as many tokens. Answers have one token, as in Cunningham et al. 2023.
 *
 * @throws {ConcordError} `argument/invalid` where the tokenizer leaves no two answers, or a
 *   template no pair of one length.
 */
export function promptPairs(
  task: Task,
  tokenizer: TextTokenizer,
  { count, seed, part }: DrawOptions,
): PromptPairs {
  const { templates, change } = task;
  const all = fillingsOf(task, change);
  const single = (answer: string) => answerTokens(tokenizer, templates[0]!, answer)?.length === 1;
  const answers = [...new Set(all.map((one) => one.answer))];
  const leftOut = answers.filter((answer) => !single(answer));
  const usable = all.filter(
    ({ answer }, i) => !leftOut.includes(answer) && (part === undefined || i % 2 === part),
  );
  if (answers.length - leftOut.length < 2)
    throw new ConcordError(
      "argument/invalid",
      `The task ${task.name} needs two answers of one token each, but the tokenizer of this model cuts ${leftOut.join(", ")} into several.`,
      { hint: "Write a task with other words, or take another model." },
    );
  const start = startOf(tokenizer);
  const draw = new Draw(randomStream(seed, `task/${task.name}/${part ?? "all"}`));
  const prompt = (template: string, held: ReadonlyMap<string, Filling>): Prompt => {
    const text = template.replaceAll(SLOT, (_, slot: string) => held.get(slot)!.text);
    const ids = [...start, ...tokenizer.encode(text)];
    return { text, ids, answer: held.get(change)!.answer };
  };
  const pairs: PromptPair[] = [];
  for (let i = 0; i < count; i++) {
    const template = templates[i % templates.length]!;
    const pair = drawPair(template);
    if (!pair)
      throw new ConcordError(
        "argument/invalid",
        `The task ${task.name} gives no pair of prompts of as many tokens for "${template}".`,
        { hint: "Fill its slots with words that the tokenizer cuts into as many tokens." },
      );
    pairs.push(pair);
  }
  return { pairs, leftOut };

  function drawPair(template: string): PromptPair | undefined {
    for (let tries = 0; tries < DRAWS; tries++) {
      const held = new Map<string, Filling>();
      for (const slot of slotsOf(template))
        held.set(slot, draw.of(slot === change ? usable : fillingsOf(task, slot)));
      const other = draw.of(usable);
      const texts = [...[...held.values()].map(({ text }) => text), other.text];
      if (new Set(texts).size < texts.length || other.answer === held.get(change)!.answer) continue;
      const base = prompt(template, held);
      const counterfactual = prompt(template, new Map(held).set(change, other));
      if (base.ids.length !== counterfactual.ids.length) continue;
      const [first] = answerTokens(tokenizer, base.text, base.answer) ?? [];
      const [second] = answerTokens(tokenizer, counterfactual.text, other.answer) ?? [];
      if (first === undefined || second === undefined || first === second) continue;
      return { base, counterfactual, answer: first, other: second };
    }
    return undefined;
  }
}
