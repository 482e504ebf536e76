import { expect, test } from "vitest";
import type { Example, LatentCard } from "../../../src/evidence/card.ts";
import { fakeEvidence } from "../../../test/support/evidence/fake-evidence.ts";
import { activeInEither, compareCards } from "./disagreement.ts";

const [card] = [await fakeEvidence({ latents: 1 }).card("member-0", 0)];

/** A card whose only examples are of these rows, with three pieces around each. */
function withRows(rows: readonly (readonly [row: number, value: number])[], max: number) {
  const example = ([row, value]: readonly [number, number]): Example => ({
    row,
    value,
    held_out: false,
    where: "",
    group: 0,
    peak: 1,
    pieces: [0, value, 0].map((v) => ({ text: "x", value: v })),
  });
  const examples = { top: rows.map(example), quantiles: [], random: [], near_misses: [] };
  return { ...card!, max, examples } satisfies LatentCard;
}

test("the largest difference comes first, each activation as a share of its largest", () => {
  const here = withRows(
    [
      [10, 4],
      [20, 2],
      [30, 4],
    ],
    4,
  );
  const there = withRows(
    [
      [10, 8],
      [20, 8],
      [30, 2],
    ],
    8,
  );
  const { shared, differing } = compareCards(here, there, 5);
  expect(shared).toBe(3);
  expect(differing.map(({ example, here: a, there: b }) => [example.row, a, b])).toEqual([
    [30, 1, 0.25],
    [20, 0.5, 1],
  ]);
});

test("what stands around an example is known of the other too", () => {
  // Row 11 is next to the other's example, where it is silent.
  const { shared, differing } = compareCards(withRows([[11, 4]], 4), withRows([[10, 8]], 8), 5);
  expect(shared).toBe(2);
  expect(differing.map(({ example, here, there }) => [example.row, here, there])).toEqual([
    [10, 0, 1],
    [11, 1, 0],
  ]);
});

test("rows of one alone say nothing", () => {
  const { shared, differing } = compareCards(withRows([[10, 4]], 4), withRows([[90, 8]], 8), 5);
  expect([shared, differing]).toEqual([0, []]);
});

test("rows in which one of two is active follow from how many each has and their overlap", () => {
  // 10 and 8 rows, 6 of them in common: 12 in all, of which 6 are one half.
  expect(activeInEither({ active_rows: 10 }, { active_rows: 8 }, 6 / 12)).toBe(12);
  expect(activeInEither({ active_rows: 10 }, { active_rows: 8 }, 0)).toBe(18);
  expect(activeInEither({ active_rows: 10 }, { active_rows: 8 }, null)).toBeUndefined();
});
