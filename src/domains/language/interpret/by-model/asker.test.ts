import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import type { Question } from "../../../../fetch/chat/chat.ts";
import { AnswersFile } from "./answers-file.ts";
import { Asker } from "./asker.ts";
import { Budget } from "./budget.ts";

const question = (user: string): Question => {
  return { system: "s", user, schema: { name: "n", schema: {} }, maxTokens: 100 };
};
const free = { pricePrompt: 0, priceCompletion: 0, money: undefined, tokens: undefined };

/** Answers with what was asked, and counts. */
function echo() {
  const asked: string[] = [];
  return {
    asked,
    model: "echo",
    async ask({ user }: Question) {
      asked.push(user);
      return { text: user, usage: { prompt: 10, completion: 1 } };
    },
  };
}

test("what was answered is not asked again, also by another process", async () => {
  const path = join(temporaryFolder(), "a", "answers.jsonl");
  const answering = echo();
  const first = new Asker(answering, await AnswersFile.open(path), new Budget(free));
  expect(await first.ask(question("one"), ({ text }) => text)).toBe("one");
  // A crash in the middle of a line.
  appendFileSync(path, '{"key": "half');
  const second = new Asker(answering, await AnswersFile.open(path), new Budget(free));
  await second.ask(question("one"), ({ text }) => text);
  await second.ask(question("two"), ({ text }) => text);
  expect(answering.asked).toEqual(["one", "two"]);
  expect(second).toMatchObject({ asked: 2, known: 1, malformed: 0 });
  const third = new Asker(answering, await AnswersFile.open(path), new Budget(free));
  await third.ask(question("two"), ({ text }) => text);
  expect(answering.asked).toHaveLength(2);
  expect(readFileSync(path, "utf8").split("\n")).toHaveLength(4);
});

test("another model is asked for itself", async () => {
  const path = join(temporaryFolder(), "answers.jsonl");
  const answering = echo();
  const file = await AnswersFile.open(path);
  for (const model of ["a", "b"])
    await new Asker({ ...answering, model }, file, new Budget(free)).ask(
      question("one"),
      ({ text }) => text,
    );
  expect(answering.asked).toHaveLength(2);
});

test("answers that cannot be used are counted, and not asked again", async () => {
  const answering = echo();
  const file = await AnswersFile.open(join(temporaryFolder(), "answers.jsonl"));
  const asker = new Asker(answering, file, new Budget(free));
  for (let i = 0; i < 2; i++)
    expect(await asker.ask(question("one"), () => undefined)).toBeUndefined();
  expect(asker).toMatchObject({ asked: 2, known: 1, malformed: 2 });
  expect(answering.asked).toHaveLength(1);
});

test("nothing is asked beyond the budget, and what was answered before is free", async () => {
  const answering = echo();
  const path = join(temporaryFolder(), "answers.jsonl");
  const of = async (money: number) => {
    const budget = new Budget({ pricePrompt: 1e6, priceCompletion: 0, money, tokens: undefined });
    return { budget, asker: new Asker(answering, await AnswersFile.open(path), budget) };
  };
  // A question is at most a few tokens, at 1 each.
  const { asker, budget } = await of(14);
  await asker.ask(question("one"), ({ text }) => text);
  expect(budget.spent).toEqual({ prompt: 10, completion: 1, money: 10 });
  await expect(asker.ask(question("a longer question"), ({ text }) => text)).rejects.toMatchObject({
    code: "budget/exceeded",
    message: expect.stringMatching(/costs up to [\d.]+, and the budget is 14/),
  });
  expect(answering.asked).toEqual(["one"]);
  const again = await of(0);
  expect(await again.asker.ask(question("one"), ({ text }) => text)).toBe("one");
  expect(again.budget.spent.money).toBe(0);
});

test("a budget of tokens counts answers too, the longest that they can be", () => {
  const budget = new Budget({ ...free, tokens: 50 });
  expect(() => budget.reserve(question("one"))).toThrow(
    /takes up to 11\d tokens, and the budget is 50/,
  );
  expect(budget.estimate([question("one"), question("one")]).completion).toBe(200);
});
