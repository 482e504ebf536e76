/**
 * @file What a language model is asked about a latent. It explains it, and says how active it is on
 *   each token, which texts it is active in, and which marks are right.
 *
 * The steps are those of Bills et al. 2023 (explain, simulate) and of delphi (detection, fuzzing);
 * the words are ours. Answers have the form of a JSON schema with exactly as many numbers as were
 * asked for, so that no echoed log-probabilities are needed.
 */

import type { Question } from "../../../../fetch/chat/chat.ts";

/** Tokens of a fragment with the latent's activations. */
export interface ShownFragment {
  readonly tokens: readonly string[];
  readonly values: readonly number[];
}

/** Activations are shown as whole numbers from 0 to this. */
export const LEVELS = 10;

/** min(10, ⌊10 · max(a, 0) / largest⌋) */
export function levelOf(value: number, largest: number): number {
  return largest > 0 ? Math.min(LEVELS, Math.floor((LEVELS * Math.max(value, 0)) / largest)) : 0;
}

/** A token on a line of its own, without line breaks. */
const shown = (token: string) => JSON.stringify(token);

const integers = (count: number, most: number) => {
  return {
    type: "array",
    items: { type: "integer", minimum: 0, maximum: most },
    minItems: count,
    maxItems: count,
  };
};

const object = (properties: Record<string, object>) => {
  return {
    type: "object",
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  };
};

/** Share of a record's tokens below which its non-zero ones are listed once more. */
const SPARSE = 0.2;

function record({ tokens, values }: ShownFragment, largest: number): string {
  const lines = tokens.map((token, i) => [shown(token), levelOf(values[i]!, largest)] as const);
  const active = lines.filter(([, level]) => level > 0);
  const line = ([token, level]: (typeof lines)[number]) => `${token}\t${level}`;
  const again =
    active.length < SPARSE * lines.length ? ["The same without zeros:", ...active.map(line)] : [];
  return [...lines.map(line), ...again].join("\n");
}

/** Asks for an explanation in one sentence. */
export function explainQuestion(fragments: readonly ShownFragment[]): Question {
  const largest = Math.max(...fragments.flatMap(({ values }) => values));
  const texts = fragments.map((one, i) => `Text ${i + 1}\n${record(one, largest)}`);
  return {
    system:
      "You study one unit of a neural network that reads text token by token. Each line has a token and how active the unit is on it, from 0 to 10. Say in one short phrase what the unit responds to: a word, a kind of word, or a meaning. Be as specific as the texts allow.",
    user: texts.join("\n\n"),
    schema: { name: "explanation", schema: object({ explanation: { type: "string" } }) },
    maxTokens: 100,
  };
}

/** Asks how active the unit would be on each token. */
export function simulateQuestion(explanation: string, tokens: readonly string[]): Question {
  return {
    system: `A unit of a neural network responds to: ${explanation}\nFor each of the ${tokens.length} tokens below, in their order, say how active it is, from 0 to 10. Most tokens have 0.`,
    user: tokens.map((token, i) => `${i + 1}\t${shown(token)}`).join("\n"),
    schema: {
      name: "activations",
      schema: object({ activations: integers(tokens.length, LEVELS) }),
    },
    maxTokens: 6 * tokens.length + 50,
    topLogprobs: 11,
  };
}

/** Asks which texts the unit is active in. */
export function detectQuestion(explanation: string, texts: readonly string[]): Question {
  return {
    system: `A unit of a neural network responds to: ${explanation}\nFor each of the ${texts.length} texts below, in their order, answer 1 if the unit is active somewhere in it, and 0 if it is not.`,
    user: texts.map((text, i) => `Text ${i + 1}: ${shown(text)}`).join("\n"),
    schema: { name: "answers", schema: object({ answers: integers(texts.length, 1) }) },
    maxTokens: 4 * texts.length + 50,
  };
}

/** Asks in which texts the marks are right. */
export function fuzzQuestion(explanation: string, texts: readonly string[]): Question {
  return {
    system: `A unit of a neural network responds to: ${explanation}\nIn each of the ${texts.length} texts below some tokens are between << and >>. In their order, answer 1 if these are the tokens that the unit is active on, and 0 if they are others.`,
    user: texts.map((text, i) => `Text ${i + 1}: ${shown(text)}`).join("\n"),
    schema: { name: "answers", schema: object({ answers: integers(texts.length, 1) }) },
    maxTokens: 4 * texts.length + 50,
  };
}

/** Text with some tokens between << and >>. */
export function marked(tokens: readonly string[], at: ReadonlySet<number>): string {
  return tokens.map((token, i) => (at.has(i) ? `<<${token}>>` : token)).join("");
}
