import { expect, test } from "vitest";
import { bestRules } from "./best-rules.ts";

const rule = (text: string, satisfying: number, hits: number) => {
  return { kind: "token", text, satisfying, hits };
};

test("the best three by F1, with shares of what satisfies, of what is active, and of all", () => {
  const tried = [
    rule("wide", 100, 10),
    rule("narrow", 2, 2),
    rule("never", 50, 0),
    rule("good", 12, 9),
    rule("fair", 10, 5),
  ];
  const best = bestRules(tried, 10, 300);
  expect(best.map(({ text }) => text)).toEqual(["good", "fair", "narrow"]);
  expect(best[0]).toEqual({
    kind: "token",
    text: "good",
    precision: 0.75,
    recall: 0.9,
    rows: 0.04,
  });
});

test("of equal rules the first comes first; a latent that is never active has none", () => {
  expect(bestRules([rule("a", 4, 2), rule("b", 4, 2)], 4, 10).map((r) => r.text)).toEqual([
    "a",
    "b",
  ]);
  expect(bestRules([rule("a", 4, 0)], 0, 10)).toEqual([]);
});
