import fc from "fast-check";
import { expect, test } from "vitest";
import { blockEnds } from "./evidence-rows.ts";

/** A number for each row, from the lengths of groups. */
function groupsOf(lengths: readonly number[]): Int32Array {
  return Int32Array.from(lengths.flatMap((length, group) => new Array(length).fill(3 * group)));
}

test("blocks hold all rows, divide no group, and are small unless a group is large", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 1500 }), { maxLength: 12 });
  fc.assert(
    fc.property(lengths, (all) => {
      const groups = groupsOf(all);
      const rows = groups.length;
      const ends = blockEnds({ rows, groups });
      expect(ends.at(-1) ?? 0).toBe(rows);
      let start = 0;
      for (const end of ends) {
        expect(end).toBeGreaterThan(start);
        if (end < rows) expect(groups[end]).not.toBe(groups[end - 1]);
        const isOneGroup = groups[start] === groups[end - 1];
        if (!isOneGroup) expect(end - start).toBeLessThanOrEqual(1024);
        start = end;
      }
    }),
  );
});

test.each([
  [0, []],
  [1, [1]],
  [1024, [1024]],
  [1025, [1024, 1025]],
  [5000, [1024, 2048, 3072, 4096, 5000]],
])("%d rows by themselves are in blocks that end at %j", (rows, ends) => {
  expect(blockEnds({ rows })).toEqual(ends);
  expect(blockEnds({ rows, groups: Int32Array.from({ length: rows }, (_, i) => i) })).toEqual(ends);
});
