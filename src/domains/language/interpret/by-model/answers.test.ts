import { expect, test } from "vitest";
import { activationsOfAnswer, choicesOf, explanationOf } from "./answers.ts";

test("an explanation is read also from a code block, and an empty one is none", () => {
  expect(explanationOf({ text: '{"explanation": " cars "}' })).toBe("cars");
  expect(explanationOf({ text: '```json\n{"explanation": "cars"}\n```' })).toBe("cars");
  for (const text of ['{"explanation": " "}', "cars", "", "[]", '{"explanation": 3}'])
    expect(explanationOf({ text })).toBeUndefined();
});

test("choices are exactly as many zeros and ones as were asked for", () => {
  expect(choicesOf({ text: '{"answers": [1, 0, 1]}' }, 3)).toEqual([1, 0, 1]);
  for (const answers of ["[1, 0]", "[1, 0, 2]", "[1, 0, true]", "[1, 0, 1, 1]", "null"])
    expect(choicesOf({ text: `{"answers": ${answers}}` }, 3)).toBeUndefined();
});

const choice = (token: string, ...top: [string, number][]) => {
  return { token, top: top.map(([of, p]) => ({ token: of, logprob: Math.log(p) })) };
};

test("activations are expectations where every number is one token with alternatives", () => {
  const text = '{"activations": [0, 10]}';
  const choices = [
    choice('{"activations": [', ['{"activations": [', 1]),
    choice("0", ["0", 0.5], ["4", 0.25], ["cat", 0.25]),
    choice(", ", [", ", 1]),
    choice("10", ["10", 0.5], ["6", 0.5]),
    choice("]}", ["]}", 1]),
  ];
  const [first, second] = activationsOfAnswer({ text, choices }, 2)!;
  expect(first).toBeCloseTo((0 * 0.5 + 4 * 0.25) / 0.75, 12);
  expect(second).toBeCloseTo(8, 12);
  // A number of two tokens: the numbers themselves.
  const split = [choice("0", ["0", 1]), choice("1", ["1", 1]), choice("0", ["0", 1])];
  expect(activationsOfAnswer({ text, choices: split }, 2)).toEqual([0, 10]);
  expect(activationsOfAnswer({ text }, 2)).toEqual([0, 10]);
  expect(activationsOfAnswer({ text }, 3)).toBeUndefined();
  expect(activationsOfAnswer({ text: '{"activations": [0, 11]}' }, 2)).toBeUndefined();
});
