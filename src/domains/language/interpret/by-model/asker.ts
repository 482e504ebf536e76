/** @file Asks questions within a budget, none twice, and counts answers that cannot be used. */

import type { ChatAnswer, Question } from "../../../../fetch/chat/chat.ts";
import { type AnswersFile, questionKey } from "./answers-file.ts";
import type { Budget } from "./budget.ts";

/** Who answers. */
export interface Answering {
  readonly model: string;
  ask(question: Question): Promise<ChatAnswer>;
}

/** Asks one model. */
export class Asker {
  readonly #answering: Answering;
  readonly #file: AnswersFile;
  readonly #budget: Budget;
  asked = 0;
  /** Of those, answers that were there already. */
  known = 0;
  malformed = 0;

  constructor(answering: Answering, file: AnswersFile, budget: Budget) {
    this.#answering = answering;
    this.#file = file;
    this.#budget = budget;
  }

  /**
   * What an answer says.
   *
   * @param read Reads it; undefined for one that is not of the form that was asked for.
   * @throws {ConcordError} "budget/exceeded"; as `Chat.ask`.
   */
  async ask<T>(
    question: Question,
    read: (answer: ChatAnswer) => T | undefined,
  ): Promise<T | undefined> {
    const key = questionKey(this.#answering.model, question);
    let answer = this.#file.get(key);
    this.asked++;
    if (answer) this.known++;
    else {
      this.#budget.reserve(question);
      answer = await this.#answering.ask(question);
      this.#budget.spend(question, answer);
      await this.#file.add(key, answer);
    }
    const said = read(answer);
    if (said === undefined) this.malformed++;
    return said;
  }
}
