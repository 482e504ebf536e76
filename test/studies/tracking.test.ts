/** @file What the study of the organism makes of similarities. */
import { expect, test } from "vitest";
import { arms } from "../../studies/universality-organism/arms.ts";
import { memberSeeds } from "../../studies/universality-organism/organism.ts";
import { EVERY, SHOWN } from "../../studies/universality-organism/settings.ts";
import {
  excess,
  overSteps,
  withinPopulations,
} from "../../studies/universality-organism/tracking.ts";

test("similarities that rise together over checkpoints have a correlation of 1", () => {
  const points = [0, 1, 2].map((i) => ({ step: i, pwMcc: 0.4 + 0.1 * i, gtMcc: 0.3 + 0.2 * i }));
  expect(overSteps(points)).toBeCloseTo(1, 10);
});

test("differences between populations say nothing of members within them", () => {
  const within = [
    { others: 0.5, truth: 0.9 },
    { others: 0.6, truth: 0.8 },
  ];
  const elsewhere = within.map(({ others, truth }) => ({
    others: others - 0.4,
    truth: truth - 0.6,
  }));
  expect(withinPopulations([within])).toBeCloseTo(-1, 10);
  expect(withinPopulations([within, elsewhere])).toBeCloseTo(-1, 10);
});

test("the excess is 0 at the null and 1 at 1", () => {
  expect([excess(0.4, 0.4), excess(1, 0.4)]).toEqual([0, 1]);
  expect(excess(0.7, 0.4)).toBeCloseTo(0.5, 10);
});

test("the published seed has the published members, and no two data seeds share one", () => {
  expect(memberSeeds(42)).toEqual([42, 43, 44, 45, 46]);
  const all = [42, 43, 44].flatMap(memberSeeds);
  expect(new Set(all).size).toBe(all.length);
});

test("every shown step is one that is measured, and has an arm", () => {
  for (const step of SHOWN) {
    expect(step % EVERY).toBe(0);
    expect(arms).toHaveProperty([`topk-published.at-${step}`]);
  }
});
