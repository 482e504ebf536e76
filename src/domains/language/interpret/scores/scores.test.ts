import { expect, test } from "vitest";
import type { Rule } from "../../evidence/rules.ts";
import { cutIntoFragments } from "../fragments.ts";
import { embeddingAuroc, findsIntruder } from "./embedding-scores.ts";
import { ruleScores } from "./rule-scores.ts";

const isToken = (id: number): Rule => {
  return { kind: "token", text: `token ${id}`, holds: (token) => token === id };
};

/** Four fragments of four tokens; the latent is active on token 7, in the first two. */
const tokens = Int32Array.from([7, 1, 2, 3, 1, 7, 2, 7, 1, 2, 3, 4, 4, 3, 2, 1]);
const latent = {
  rows: { tokens, before: new Int32Array(16).fill(-1) },
  fragments: cutIntoFragments({ groups: new Int32Array(16), heldOutFrom: 0 }, 4),
  activations: { rows: Int32Array.from([0, 5, 7]), values: Float32Array.from([2, 2, 2]) },
  contexts: {
    active: [
      { fragment: 0, peak: 0, value: 2 },
      { fragment: 1, peak: 5, value: 2 },
    ],
    inactive: [
      { fragment: 2, peak: 8, value: 0 },
      { fragment: 3, peak: 12, value: 0 },
    ],
  },
};

test("rules that are right have all scores at their best", () => {
  const { detection, fuzzing, simulation } = ruleScores(
    [{ rule: isToken(7), activation: 2 }],
    latent,
  );
  expect([detection, fuzzing]).toEqual([1, 1]);
  expect(simulation).toBeCloseTo(1, 12);
});

test("rules that always hold, or never, are no better than chance", () => {
  const always: Rule = { kind: "regex", text: "all", holds: () => true };
  expect(ruleScores([{ rule: always, activation: 1 }], latent)).toEqual({
    detection: 0.5,
    fuzzing: 0.5,
    simulation: 0,
  });
  expect(ruleScores([], latent)).toEqual({ detection: 0.5, fuzzing: 0.5, simulation: 0 });
});

test("rules that hold where the latent is not active score below chance", () => {
  const { detection, fuzzing, simulation } = ruleScores(
    [{ rule: isToken(3), activation: 1 }],
    latent,
  );
  expect(detection).toBe(0.25);
  expect(fuzzing).toBeLessThanOrEqual(0.5);
  expect(simulation).toBeLessThan(0);
});

test("fuzzing has nothing to say of a latent that is active on most tokens of each fragment", () => {
  const rows = Int32Array.from([0, 1, 2, 4, 5, 6]);
  const activations = { rows, values: new Float32Array(6).fill(1) };
  expect(ruleScores([], { ...latent, activations }).fuzzing).toBeUndefined();
});

/** Cosines of points on a line, by their distance. */
const line = (points: readonly number[]) => (i: number, j: number) =>
  -Math.abs(points[i]! - points[j]!);

test("contexts that are all alike, and unlike the others, have an area of 1", () => {
  expect(embeddingAuroc(line([0, 1, 2, 10, 11, 12]), 3, 6)).toBe(1);
  expect(embeddingAuroc(() => 0.3, 3, 6)).toBe(0.5);
});

test("the intruder is found when it is least like the others; of equal ones, by chance", () => {
  expect(findsIntruder(line([0, 1, 2, 3, 10]))).toBe(1);
  expect(findsIntruder(line([10, 1, 2, 3, 2]))).toBe(0);
  expect(findsIntruder(() => 0.3)).toBeCloseTo(0.2, 12);
});
