import { expect, test } from "vitest";
import type { LatentColumns } from "../../../src/evidence/card.ts";
import { asOrder, listed } from "./order.ts";

const columns: LatentColumns = {
  member: "a",
  label: ['" car"', "", '"\u202e"', '"Cars"', '" tree"'],
  density: [0.1, 0, 0.3, 0.2, 0.2],
  max: [5, 0, 1, 9, 2],
  mean: [1, 0, 1, 1, 1],
  alignment: [1, 0, 1, 1, 1],
  found_in: [3, 3, 0, 3, 1],
  mean_cosine: [0.9, 0.99, 0.2, 0.95, 0.6],
  truth: null,
  map: null,
};
const all = { text: "", hasDead: false };

test.each([
  ["recurrent", [3, 0, 4, 2]],
  ["alone", [2, 4, 0, 3]],
  ["dense", [2, 3, 4, 0]],
  ["rare", [0, 3, 4, 2]],
  ["strong", [3, 0, 4, 2]],
  ["number", [0, 2, 3, 4]],
] as const)("latents by %s", (order, latents) => {
  expect(listed(columns, order, all)).toEqual(latents);
});

test("dead latents are shown when they are asked for, last unless by number", () => {
  expect(listed(columns, "recurrent", { text: "", hasDead: true }).at(-1)).toBe(1);
  expect(listed(columns, "number", { text: "", hasDead: true })).toEqual([0, 1, 2, 3, 4]);
});

test("a filter looks at labels as they are shown, and at whole numbers", () => {
  expect(listed(columns, "number", { text: "CAR", hasDead: true })).toEqual([0, 3]);
  expect(listed(columns, "number", { text: "u202e", hasDead: true })).toEqual([2]);
  expect(listed(columns, "number", { text: "4", hasDead: true })).toEqual([4]);
  expect(listed(columns, "number", { text: "nothing", hasDead: true })).toEqual([]);
});

test("an order that there is not is the usual one", () => {
  expect([asOrder(null), asOrder("toString"), asOrder("rare")]).toEqual([
    "recurrent",
    "recurrent",
    "rare",
  ]);
});
