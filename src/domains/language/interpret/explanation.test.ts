import { expect, test } from "vitest";
import type { Rule } from "../evidence/rules.ts";
import { expectedActivation, explain, RuleRows } from "./explanation.ts";

const isToken = (id: number): Rule => {
  return { kind: "token", text: `token ${id}`, holds: (token) => token === id };
};
const rows = {
  tokens: Int32Array.from([0, 1, 2, 0, 1, 2, 3, 3, 3, 3]),
  before: new Int32Array(10).fill(-1),
};
const active = { rows: Int32Array.from([0, 1, 3, 4]), values: Float32Array.from([4, 1, 2, 1]) };

test("rules join while they raise F1, each with the mean activation where it is the first", () => {
  const explanation = explain([3, 2, 1, 0].map(isToken), new RuleRows(rows), active);
  expect(explanation.map(({ rule, activation }) => [rule.text, activation])).toEqual([
    ["token 1", 1],
    ["token 0", 3],
  ]);
  const expected = (token: number) => expectedActivation(explanation, token, -1);
  expect([0, 1, 2, 3].map(expected)).toEqual([3, 1, 0, 0]);
});

test("where rules overlap, the first decides, and the second counts its own rows only", () => {
  const any: Rule = { kind: "regex", text: "0 or 2", holds: (token) => token === 0 || token === 2 };
  const explanation = explain([isToken(0), any], new RuleRows(rows), {
    rows: Int32Array.from([0, 2, 3, 5]),
    values: Float32Array.from([1, 3, 1, 5]),
  });
  expect(explanation.map(({ rule, activation }) => [rule.text, activation])).toEqual([
    ["0 or 2", 2.5],
  ]);
});

test("nothing explains a latent that no rule holds for, or without rules", () => {
  expect(explain([isToken(9)], new RuleRows(rows), active)).toEqual([]);
  expect(explain([], new RuleRows(rows), active)).toEqual([]);
  expect(expectedActivation([], 0, -1)).toBe(0);
});
