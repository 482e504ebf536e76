import fc from "fast-check";
import { expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { madeSae } from "../../test/support/made-sae.ts";
import { normals } from "../../test/support/random.ts";
import { openSaeRunner } from "../sae/sae.ts";
import { entriesPerRow, keptCodeRows } from "./kept-code-rows.ts";

test("rows whose codes are kept are held out, evenly spread, and as many as fit in 32 MiB", () => {
  const sizes = fc.record({
    rows: fc.nat(60_000),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    entries: fc.double({ min: 1, max: 5000, noNaN: true }),
  });
  fc.assert(
    fc.property(sizes, ({ rows, share, entries }) => {
      const heldOutFrom = Math.floor(share * rows);
      const kept = keptCodeRows({ rows, heldOutFrom }, entries);
      const heldOut = rows - heldOutFrom;
      expect(kept).toHaveLength(Math.min(heldOut, Math.floor(2 ** 22 / entries)));
      if (kept.length === 0) return;
      expect(kept[0]).toBe(heldOutFrom);
      const step = heldOut / kept.length;
      expect(kept.at(-1)).toBe(heldOutFrom + Math.floor((kept.length - 1) * step));
      for (let i = 1; i < kept.length; i++) {
        const gap = kept[i]! - kept[i - 1]!;
        if (gap < Math.floor(step) || gap > Math.ceil(step)) throw new Error(`a gap of ${gap}`);
      }
    }),
    { numRuns: 30 },
  );
});

test("entries per row are those of the first held-out rows", async () => {
  const rows = 300;
  const x = normals("rows", rows * 6);
  x.fill(0, 0, 100 * 6);
  const of = (heldOutFrom: number) => ({
    dIn: 6,
    rows,
    heldOutFrom,
    read: async (start: number, out: Float32Array) => {
      out.set(x.subarray(start * 6, start * 6 + out.length));
    },
    close: async () => {},
  });
  const relu = { ...madeSae("relu"), selection: { kind: "relu" }, decoderBias: undefined } as const;
  const runner = await openSaeRunner(reference, relu, rows);
  const { indptr } = await runner.encode(x, rows);
  const [before, after] = [indptr[100]!, indptr[300]!];
  expect(before).toBe(0);
  expect(await entriesPerRow(runner, of(100), rows)).toBe(after / 200);
  // None is active in the first rows; no rows are held out.
  expect(await entriesPerRow(runner, of(0), 50)).toBe(1);
  expect(await entriesPerRow(runner, of(rows), rows)).toBe(1);
});
