import fc from "fast-check";
import { expect, test } from "vitest";
import { madeCard } from "../../../test/support/evidence/made-evidence.ts";
import { exampleGroups, rounded, storableToken } from "./token-examples.ts";

test("small activations do not become 0, and float32 is written short", () => {
  expect(rounded(1.23456789e-7)).toBe(1.23457e-7);
  expect(rounded(Math.fround(0.1))).toBe(0.1);
});

test("tokens that Postgres or an upload refuse get a sign instead", () => {
  expect(["", "\0", "a\ud800", " car"].map(storableToken)).toEqual(["∅", "␀", "a�", " car"]);
});

test("a cut example keeps its row in place, as near to the middle as it can", () => {
  const [example] = madeCard(0).examples.top;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.nat(39),
      fc.integer({ min: 1, max: 50 }),
      (n, at, most) => {
        const peak = at % n;
        const pieces = Array.from({ length: n }, (_, i) => ({ text: `t${i}`, value: i }));
        const top = [{ ...example!, pieces, peak }];
        const card = madeCard(0, { examples: { top, quantiles: [], random: [], near_misses: [] } });
        const [cut] = exampleGroups(card, most)[0]!.examples;
        expect(cut!.tokens).toHaveLength(Math.min(n, most));
        expect(cut!.tokens[cut!.peak]).toBe(`t${peak}`);
        expect(cut!.values[cut!.peak]).toBe(peak);
      },
    ),
  );
});

test("groups without an example of text are left out", () => {
  const card = madeCard(0);
  const quantiles = [{ from: 0, to: 1, share: 0.5, examples: [] }, ...card.examples.quantiles];
  const groups = exampleGroups({ ...card, examples: { ...card.examples, quantiles } });
  expect(groups.map(({ kind, from, to, share }) => [kind, from, to, share])).toEqual([
    ["top", 4, 4, null],
    ["quantile", 2, 4, 0.1],
  ]);
});
