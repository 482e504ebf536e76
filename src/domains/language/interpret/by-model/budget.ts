/** @file What questions cost before they are asked, and a limit that they do not pass. */

import { ConcordError } from "../../../../errors.ts";
import type { ChatAnswer, Question } from "../../../../fetch/chat/chat.ts";

/** Prices per million tokens, and limits. */
export interface BudgetOptions {
  readonly pricePrompt: number;
  readonly priceCompletion: number;
  /** The most money, in the currency of the prices; undefined: no limit. */
  readonly money: number | undefined;
  /** The most tokens, those of questions and answers together; undefined: no limit. */
  readonly tokens: number | undefined;
}

/** Tokens of questions and answers, and what they cost. */
export interface Cost {
  readonly prompt: number;
  readonly completion: number;
  readonly money: number;
}

/** Characters per token of a question, about: fewer than in prose, because of the numbers. */
const CHARACTERS = 3;

/** What a question takes at most: its characters, and the longest answer. */
function atMost(question: Question): Pick<Cost, "prompt" | "completion"> {
  const { system, user, schema, maxTokens } = question;
  const characters = system.length + user.length + JSON.stringify(schema).length;
  return { prompt: Math.ceil(characters / CHARACTERS), completion: maxTokens };
}

/** Adds up what is spent, and refuses what would pass the limit. */
export class Budget {
  readonly #options: BudgetOptions;
  #prompt = 0;
  #completion = 0;

  constructor(options: BudgetOptions) {
    this.#options = options;
  }

  get spent(): Cost {
    return this.#cost(this.#prompt, this.#completion);
  }

  /** What some questions cost at most. */
  estimate(questions: readonly Question[]): Cost {
    const all = questions.map(atMost);
    const sum = (key: "prompt" | "completion") => all.reduce((total, one) => total + one[key], 0);
    return this.#cost(sum("prompt"), sum("completion"));
  }

  /**
   * Counts a question with the longest answer, before it is asked.
   *
   * @throws {ConcordError} "budget/exceeded" when it may pass the limit.
   */
  reserve(question: Question): void {
    const { prompt, completion } = atMost(question);
    const cost = this.#cost(this.#prompt + prompt, this.#completion + completion);
    this.require(cost, "What was paid for is kept; raise the budget, or judge fewer latents.");
    this.#prompt += prompt;
    this.#completion += completion;
  }

  /** @throws {ConcordError} "budget/exceeded" when a cost passes the limit. */
  require({ prompt, completion, money }: Cost, hint: string): void {
    const { money: mostMoney, tokens: mostTokens } = this.#options;
    const problem =
      mostMoney !== undefined && money > mostMoney
        ? `costs up to ${money.toFixed(2)}, and the budget is ${mostMoney}`
        : mostTokens !== undefined && prompt + completion > mostTokens
          ? `takes up to ${prompt + completion} tokens, and the budget is ${mostTokens}`
          : undefined;
    if (problem === undefined) return;
    throw new ConcordError("budget/exceeded", `Asking the model ${problem}.`, { hint });
  }

  /** Puts what an answer took in place of what was reserved, where the endpoint says it. */
  spend(question: Question, { usage }: Pick<ChatAnswer, "usage">): void {
    if (!usage) return;
    const { prompt, completion } = atMost(question);
    this.#prompt += usage.prompt - prompt;
    this.#completion += usage.completion - completion;
  }

  #cost(prompt: number, completion: number): Cost {
    const { pricePrompt, priceCompletion } = this.#options;
    return {
      prompt,
      completion,
      money: (prompt * pricePrompt + completion * priceCompletion) / 1e6,
    };
  }
}
