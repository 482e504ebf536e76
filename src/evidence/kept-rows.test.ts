import fc from "fast-check";
import { expect, test } from "vitest";
import { fromBfloat16 } from "../base/float16.ts";
import { KeptRows } from "./kept-rows.ts";

/** Rows that are kept of a latent, by row. */
function rowsOf({ rows, slots }: KeptRows, latent: number): number[] {
  return Array.from(rows.subarray(latent * slots, (latent + 1) * slots))
    .filter((row) => row >= 0)
    .sort((a, b) => a - b);
}

test("of each latent the rows with the largest keys stay; of equal keys the first", () => {
  const offers = fc.array(fc.record({ latent: fc.nat(2), key: fc.integer({ min: -3, max: 3 }) }), {
    maxLength: 80,
  });
  fc.assert(
    fc.property(offers, fc.integer({ min: 1, max: 7 }), (all, slots) => {
      const kept = new KeptRows(3, slots, 0);
      for (const [row, { latent, key }] of all.entries()) kept.offer(latent, key, row, key + 10);
      for (const latent of [0, 1, 2]) {
        const own = all.flatMap((one, row) => (one.latent === latent ? [{ ...one, row }] : []));
        const best = own.sort((a, b) => b.key - a.key || a.row - b.row).slice(0, slots);
        expect(rowsOf(kept, latent)).toEqual(best.map(({ row }) => row).sort((a, b) => a - b));
        for (let slot = latent * slots; slot < (latent + 1) * slots; slot++)
          if (kept.rows[slot]! >= 0)
            expect(kept.values[slot]).toBe(all[kept.rows[slot]!]!.key + 10);
      }
    }),
  );
});

test("it says in which slot a row is, and −1 where it is not kept", () => {
  const kept = new KeptRows(2, 2, 0);
  expect(kept.offer(1, 5, 7, 0.5)).toBe(2);
  expect(kept.offer(1, 6, 8, 0.5)).toBe(3);
  expect(kept.offer(1, 4, 9, 0.5)).toBe(-1);
  expect(kept.offer(1, 5.5, 10, 0.5)).toBe(2);
  expect(kept.offer(0, Number.NaN, 11, 0.5)).toBe(-1);
  expect(Array.from(kept.rows)).toEqual([-1, -1, 10, 8]);
});

test("a slot that is used again has nothing left of what was around the row before", () => {
  const kept = new KeptRows(1, 1, 3);
  const first = kept.offer(0, 1, 5, 1);
  for (const offset of [-1, 0, 1]) kept.setAround(first, offset, 2 + offset);
  expect(Array.from(kept.around, fromBfloat16)).toEqual([1, 2, 3]);
  const second = kept.offer(0, 2, 9, 4);
  kept.clearAround(second);
  kept.setAround(second, 0, 4);
  expect(Array.from(kept.around, fromBfloat16)).toEqual([0, 4, 0]);
});
