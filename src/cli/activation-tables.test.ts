import { describe, expect, test } from "vitest";
import type { FolderComparison } from "../experiments/compare/compare-folders.ts";
import { activationTables, effectiveRankOf } from "./activation-tables.ts";

const PAIR = {
  a: 0,
  b: 1,
  rows: 100,
  live: [7, 9],
  matched: 7,
  correlation: 0.5,
  correlationNull: 0.125,
  interval: [0.25, 0.75],
  jaccard: 0.4,
  jaccardNull: 0.1,
  deciles: [],
  transfer: undefined,
};
const FVU = { own: 0.1, raw: 0.9, procrustes: 0.3, scaled: 0.25, affine: 0.2 };

function comparison(activations: object | undefined): FolderComparison {
  const saes = ["left", "right", "third"].map((name) => ({ name }));
  return { saes, activations } as unknown as FolderComparison;
}
const tables = (...pairs: readonly object[]) => activationTables(comparison({ pairs, sets: [] }));

/** The cells of a line, which stand two spaces apart. */
const cells = (text: string, line: number) =>
  text
    .split("\n")
    [line]!.trim()
    .split(/\s{2,}/);

test("without two SAEs that have rows, no table is shown", () => {
  expect(activationTables(comparison(undefined))).toBeUndefined();
  expect(tables()).toBeUndefined();
});

test("a pair is named with its numbers, each next to its null", () => {
  const text = tables(PAIR)!;
  expect(cells(text, 2)).toEqual([
    "left – right",
    "0.5 (0.125)",
    "0.25 to 0.75",
    "–",
    "–",
    "0.4 (0.1)",
    "7 of 7, 9",
  ]);
  expect(text).not.toContain("FVU of an SAE");
});

test("the rarest and the most frequent tenth are the first and the last", () => {
  const deciles = [0.2, 0.9, 0.6].map((correlation) => ({ correlation }));
  const [, , , rarest, most] = cells(tables({ ...PAIR, deciles })!, 2);
  expect([rarest, most]).toEqual(["0.2", "0.6"]);
});

test("an interval that is not known is a dash", () => {
  expect(cells(tables({ ...PAIR, interval: undefined })!, 2)[2]).toBe("–");
});

describe("transfer", () => {
  const transfer = {
    aOnB: FVU,
    bOnA: { ...FVU, raw: undefined, own: 0.15 },
    conditioning: [{ condition: 3 }, { condition: 17 }],
    mccProcrustes: 0.6,
    mccNull: 0.2,
  };

  test("has a line per direction: whose SAE, on whose activations", () => {
    const text = tables({ ...PAIR, transfer })!.split("\n\n")[1]!;
    expect(cells(text, 2)).toEqual(
      ["left", "right", "0.9", "0.3", "0.25", "0.2", "0.1", "3", "0.6 (0.2)"], // biome-ignore format: one line
    );
    expect(cells(text, 3)).toEqual(
      ["right", "left", "–", "0.3", "0.25", "0.2", "0.15", "17", "0.6 (0.2)"], // biome-ignore format: one line
    );
  });

  test("that was tried on one pair has no lines of the others", () => {
    const text = tables({ ...PAIR, b: 2 }, { ...PAIR, transfer })!.split("\n\n")[1]!;
    expect(text.split("\n")).toHaveLength(4);
    expect(text).not.toContain("third");
  });
});

test("transfers are shown for the same pairs, both ways", () => {
  const transfer = {
    aOnB: FVU,
    bOnA: FVU,
    conditioning: [{ condition: 3 }, { condition: 17 }],
    mccProcrustes: 0.6,
    mccNull: 0.2,
  };
  const text = tables(...Array.from({ length: 21 }, () => ({ ...PAIR, transfer })))!;
  expect(text.split("\n\n")[1]!.trimEnd().split("\n")).toHaveLength(2 + 2 * 21);
});

test("many pairs are cut short, and the rest is counted with where to find it", () => {
  const of = (count: number) => tables(...Array.from({ length: count }, () => PAIR))!;
  expect(of(21)).not.toContain("more pairs");
  const text = of(25);
  expect(text.split("\n").filter((line) => line.startsWith("left – right"))).toHaveLength(21);
  expect(text).toMatch(/\n4 more pairs: --json or --out has them all$/);
});

test("the effective rank of an SAE is that of its rows, and a dash without", () => {
  const sets = [
    { saes: [0, 2], rank: { effectiveRank: 12.5 } },
    { saes: [1], rank: undefined },
  ];
  const found = comparison({ pairs: [], sets });
  expect([0, 1, 2].map((i) => effectiveRankOf(found, i))).toEqual(["12.5", "–", "12.5"]);
  expect(effectiveRankOf(comparison(undefined), 0)).toBe("–");
});
