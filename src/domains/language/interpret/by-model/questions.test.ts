import { expect, test } from "vitest";
import { explainQuestion, levelOf, marked, simulateQuestion } from "./questions.ts";

test("levels are tenths of the largest activation, and never negative", () => {
  expect([-1, 0, 0.9, 1, 5, 10, 12].map((value) => levelOf(value, 10))).toEqual([
    0, 0, 0, 1, 5, 10, 10,
  ]);
  expect(levelOf(3, 0)).toBe(0);
});

test("a record whose activations are sparse repeats them without zeros", () => {
  const sparse = { tokens: [" a", "\n", "c", "d", "e", "f"], values: [0, 4, 0, 0, 0, 0] };
  const { user } = explainQuestion([sparse]);
  expect(user).toContain('Text 1\n" a"\t0\n"\\n"\t10\n');
  expect(user).toContain('The same without zeros:\n"\\n"\t10');
  const dense = { tokens: ["a", "b"], values: [1, 2] };
  expect(explainQuestion([dense]).user).not.toContain("without zeros");
});

test("an answer has exactly as many numbers as there are tokens", () => {
  const { schema } = simulateQuestion("cars", ["a", "b", "c"]);
  expect(schema.schema).toMatchObject({
    properties: { activations: { minItems: 3, maxItems: 3 } },
    additionalProperties: false,
  });
});

test("marks stand around tokens", () => {
  expect(marked(["a", " b", " c"], new Set([1]))).toBe("a<< b>> c");
});
