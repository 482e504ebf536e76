/** @file Lets a language model explain a latent, and scores what it said. */

import { integerAt, type RandomStream } from "../../../../base/philox.ts";
import type { ChatAnswer, Question } from "../../../../fetch/chat/chat.ts";
import type { LatentActivations } from "../activations.ts";
import type { Context } from "../draw-contexts.ts";
import type { Fragments } from "../fragments.ts";
import { inFragment, marksOf } from "../scores/in-fragment.ts";
import { balancedAccuracy, pearson } from "../scores/statistics.ts";
import { activationsOfAnswer, choicesOf, explanationOf } from "./answers.ts";
import type { Asker } from "./asker.ts";
import {
  detectQuestion,
  explainQuestion,
  fuzzQuestion,
  marked,
  type ShownFragment,
  simulateQuestion,
} from "./questions.ts";
import type { Records } from "./records.ts";

/** Texts per question of detection and fuzzing, as delphi has them. */
const AT_ONCE = 5;
/** Characters of an explanation, about, before there is one. */
const EXPLANATION = "x".repeat(80);

/** What a language model made of a latent. */
export interface ModelJudgement {
  /** Undefined where its answer could not be used; then there are no scores. */
  readonly explanation: string | undefined;
  readonly scores: Readonly<Record<string, number>>;
}

/** Shows fragments of a latent. */
export interface Shower {
  readonly fragments: Fragments;
  /** Text of a row's token. */
  textOf(row: number): string;
}

function show(
  { fragments, textOf }: Shower,
  activations: LatentActivations,
  { fragment }: Context,
): ShownFragment {
  const { starts, length } = fragments;
  const start = starts[fragment]!;
  return {
    tokens: Array.from({ length }, (_, i) => textOf(start + i)),
    values: [...inFragment(activations, start, length)],
  };
}

/** A text of a question, and the right answer. */
interface Item {
  readonly text: string;
  readonly answer: boolean;
}

/** The items in an order that does not give answers away. */
function mixed(items: readonly Item[], stream: RandomStream): Item[] {
  const left = [...items];
  return items.map((_, i) => left.splice(integerAt(stream, i, left.length), 1)[0]!);
}

const portions = (items: readonly Item[]) =>
  Array.from({ length: Math.ceil(items.length / AT_ONCE) }, (_, i) =>
    items.slice(i * AT_ONCE, (i + 1) * AT_ONCE),
  );

/** What a latent's questions are about. */
class Material {
  readonly explaining: readonly ShownFragment[];
  readonly scored: readonly ShownFragment[];
  /** Of `scored`, how many are strong ones. */
  readonly strong: number;
  readonly detected: readonly Item[];
  readonly fuzzed: readonly Item[];

  constructor(
    shower: Shower,
    activations: LatentActivations,
    records: Records,
    stream: RandomStream,
  ) {
    const shown = (contexts: readonly Context[]) =>
      contexts.map((context) => show(shower, activations, context));
    this.explaining = shown(records.explaining);
    this.scored = shown([...records.strong, ...records.random]);
    this.strong = records.strong.length;
    const plain = ({ tokens }: ShownFragment) => tokens.join("");
    const active = this.scored.map((one): Item => ({ text: plain(one), answer: true }));
    const inactive = shown(records.inactive).map(
      (one): Item => ({ text: plain(one), answer: false }),
    );
    this.detected = mixed([...active, ...inactive], stream);
    const marks = this.scored.flatMap((one): Item[] => {
      const of = marksOf(one.values);
      if (!of) return [];
      return [
        { text: marked(one.tokens, new Set(of.right)), answer: true },
        { text: marked(one.tokens, new Set(of.wrong)), answer: false },
      ];
    });
    this.fuzzed = mixed(marks, stream);
  }
}

/** Accuracy over both answers, of the items whose answers could be used. */
async function accuracy(
  asker: Asker,
  items: readonly Item[],
  question: (texts: readonly string[]) => Question,
): Promise<number | undefined> {
  const said: Item[] = [];
  const right: boolean[] = [];
  for (const some of portions(items)) {
    const texts = some.map(({ text }) => text);
    const answers = await asker.ask(question(texts), (one) => choicesOf(one, some.length));
    if (!answers) continue;
    said.push(...some);
    right.push(...answers.map((answer) => answer === 1));
  }
  const of = (answer: boolean) => right.filter((_, i) => said[i]!.answer === answer);
  const [positive, negative] = [of(true), of(false)];
  if (positive.length === 0 || negative.length === 0) return undefined;
  return balancedAccuracy(positive, negative);
}

/** Correlation over the tokens of some fragments that could be simulated. */
function simulation(
  fragments: readonly ShownFragment[],
  simulated: readonly (readonly number[] | undefined)[],
): number | undefined {
  const used = fragments.flatMap((one, i) => (simulated[i] ? [[one, simulated[i]] as const] : []));
  if (used.length === 0) return undefined;
  return pearson(
    used.flatMap(([, values]) => values),
    used.flatMap(([{ values }]) => values),
  );
}

/**
 * Asks for an explanation and scores it:
 *
 *   simulation          Pearson over the tokens of strong and random fragments together
 *   simulation_top, simulation_random   over each alone
 *   detection, fuzzing  balanced accuracy
 *
 * Scores whose answers could not be used are left out.
 *
 * @throws {ConcordError} as `Asker.ask`.
 */
export async function judgeByModel(
  asker: Asker,
  shower: Shower,
  activations: LatentActivations,
  records: Records,
  stream: RandomStream,
): Promise<ModelJudgement> {
  const material = new Material(shower, activations, records, stream);
  const { explaining, scored, strong, detected, fuzzed } = material;
  const explanation = await asker.ask(explainQuestion(explaining), explanationOf);
  if (explanation === undefined) return { explanation, scores: {} };
  const simulated: (number[] | undefined)[] = [];
  for (const { tokens } of scored)
    simulated.push(
      await asker.ask(simulateQuestion(explanation, tokens), (answer) =>
        activationsOfAnswer(answer, tokens.length),
      ),
    );
  const found = {
    simulation: simulation(scored, simulated),
    simulation_top: simulation(scored.slice(0, strong), simulated.slice(0, strong)),
    simulation_random: simulation(scored.slice(strong), simulated.slice(strong)),
    detection: await accuracy(asker, detected, (texts) => detectQuestion(explanation, texts)),
    fuzzing: await accuracy(asker, fuzzed, (texts) => fuzzQuestion(explanation, texts)),
  };
  const scores: Record<string, number> = {};
  for (const [name, value] of Object.entries(found)) if (value !== undefined) scores[name] = value;
  return { explanation, scores };
}

/**
 * The questions of a latent that are still to be asked: what they may cost. Until there is an
 * explanation, one of usual length takes its place.
 *
 * @param known The answer to a question that was asked before.
 */
export function questionsLeft(
  shower: Shower,
  activations: LatentActivations,
  records: Records,
  stream: RandomStream,
  known: (question: Question) => ChatAnswer | undefined,
): Question[] {
  const material = new Material(shower, activations, records, stream);
  const texts = (items: readonly Item[]) => items.map(({ text }) => text);
  const first = explainQuestion(material.explaining);
  const answer = known(first);
  const explanation = answer ? explanationOf(answer) : EXPLANATION;
  if (explanation === undefined) return [];
  return [
    first,
    ...material.scored.map(({ tokens }) => simulateQuestion(explanation, tokens)),
    ...portions(material.detected).map((some) => detectQuestion(explanation, texts(some))),
    ...portions(material.fuzzed).map((some) => fuzzQuestion(explanation, texts(some))),
  ].filter((question) => known(question) === undefined);
}
