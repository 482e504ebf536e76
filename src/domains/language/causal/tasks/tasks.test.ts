import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../../../test/support/temporary-folder.ts";
import { writeTinyModel } from "../../../../../test/support/tiny-model.ts";
import { openTokenizer } from "../../text/tokenizer.ts";
import { TASKS } from "./built-in.ts";
import { promptPairs } from "./prompt-pairs.ts";
import { openTask, parseTask } from "./task.ts";

const LETTERS = {
  name: "letters",
  templates: ["the {x} ran ", "a {x} sat "],
  slots: { x: { b: ["ab", "cd"], c: ["ef", "gh"] } },
  change: "x",
};

async function tokenizer() {
  const folder = join(temporaryFolder(), "model");
  writeTinyModel(folder);
  return openTokenizer(folder);
}

test("prompts of a pair differ in one slot, and so in the answer", async () => {
  const letters = await tokenizer();
  const { pairs, leftOut } = promptPairs(parseTask(LETTERS, "x"), letters, { count: 8, seed: 0 });
  expect(leftOut).toEqual([]);
  const [end] = [letters.separatorId!];
  for (const { base, counterfactual, answer, other } of pairs) {
    expect(base.ids[0]).toBe(end);
    expect(base.ids).toHaveLength(counterfactual.ids.length);
    expect(base.text.replace(/(ab|cd|ef|gh)/, "")).toBe(
      counterfactual.text.replace(/(ab|cd|ef|gh)/, ""),
    );
    expect(new Set([base.answer, counterfactual.answer])).toEqual(new Set(["b", "c"]));
    expect([answer, other].map((id) => letters.tokenText(id))).toEqual([
      base.answer,
      counterfactual.answer,
    ]);
  }
  const again = promptPairs(parseTask(LETTERS, "x"), letters, { count: 8, seed: 0 });
  expect(again.pairs).toEqual(pairs);
  const other = promptPairs(parseTask(LETTERS, "x"), letters, { count: 8, seed: 1 });
  expect(other.pairs).not.toEqual(pairs);
});

test("the two parts of a task share no filling", async () => {
  const letters = await tokenizer();
  const seen = ([0, 1] as const).map((part) => {
    const { pairs } = promptPairs(parseTask(LETTERS, "x"), letters, { count: 8, seed: 0, part });
    const texts = pairs.flatMap(({ base, counterfactual }) => [base.text, counterfactual.text]);
    return new Set(texts.map((text) => /ab|cd|ef|gh/.exec(text)![0]));
  });
  expect([...seen[0]!].filter((filling) => seen[1]!.has(filling))).toEqual([]);
  expect(seen.map(({ size }) => size)).toEqual([2, 2]);
});

test("the tasks with names are whole", () => {
  for (const task of TASKS) expect(parseTask(task, task.name).templates.length).toBeGreaterThan(1);
});

test.each([
  [{ change: "y" }, 'its slots have no "y" to change'],
  [{ templates: ["nothing"] }, 'the template "nothing" does not contain {x}'],
  [{ templates: ["{x} and {z}"] }, "has a slot {z} that nothing fills"],
  [{ slots: { x: { b: ["ab"] } } }, '"x" has only one answer'],
  [{ templates: [] }, "templates: expected a list of at least 1 values"],
  [{ extra: 1 }, "Unrecognized key"],
])("a task with %o is refused", (change, message) => {
  expect(() => parseTask({ ...LETTERS, ...change }, "mine")).toThrow(message);
});

test("what is not a task is named", async () => {
  await expect(openTask("piano")).rejects.toThrow(
    'Expected ioi, pronoun, name or a YAML file for task but received "piano".',
  );
  const path = join(temporaryFolder(), "task.yaml");
  writeFileSync(path, "name: [");
  await expect(openTask(path)).rejects.toThrow("it is not YAML");
  writeFileSync(path, "Just a text, without any task.\n");
  await expect(openTask(path)).rejects.toThrow("expected a mapping of keys to values");
  await expect(openTask(`${path}.none.yaml`)).rejects.toMatchObject({
    code: "file/missing",
  });
});

test("answers of several tokens are left out, and none left is refused", async () => {
  const letters = await tokenizer();
  const slots = { x: { b: ["ab"], c: ["ef"], yes: ["gh"] } };
  const one = promptPairs(parseTask({ ...LETTERS, slots }, "x"), letters, { count: 2, seed: 0 });
  expect(one.leftOut).toEqual(["yes"]);
  const words = parseTask({ ...LETTERS, slots: { x: ["ab", "cd"] } }, "x");
  expect(() => promptPairs(words, letters, { count: 2, seed: 0 })).toThrow(
    "cuts ab, cd into several",
  );
  const uneven = parseTask({ ...LETTERS, slots: { x: { b: ["a"], c: ["bcd"] } } }, "x");
  expect(() => promptPairs(uneven, letters, { count: 2, seed: 0 })).toThrow(
    "gives no pair of prompts of as many tokens",
  );
});
