import { expect, test } from "vitest";
import { drawnRows } from "./draw.ts";

test.each([
  { rows: 100, of: 2, group: 1 },
  { rows: 101, of: 3, group: 1 },
  { rows: 1000, of: 4, group: 7 },
  { rows: 5, of: 9, group: 1 },
])("$of parts of $rows rows, in groups of $group, cover them once", ({ rows, of, group }) => {
  let next = 0;
  for (let part = 1; part <= of; part++) {
    const { start, count } = drawnRows(rows, { part, of }, group);
    expect(start).toBe(next);
    expect(start % group).toBe(0);
    next = start + count;
  }
  expect(next).toBe(rows);
});

test("without a draw, all rows", () => {
  expect(drawnRows(12, undefined, 5)).toEqual({ start: 0, count: 12 });
});
