import { describe, expect, test } from "vitest";
import { numberedRows, rowNumbers, slowRows } from "../../../test/support/stored-rows.ts";
import { rowReader } from "./row-reader.ts";
import { rowsInMemory } from "./stored-rows.ts";

const [ROWS, D_IN] = [50, 3];
const ROW = 4 * D_IN;

/** Rows 20 to 44 as held-out ones, read through this much memory. */
const reader = (scratchBytes: number) =>
  rowReader(rowsInMemory("float32", D_IN, numberedRows(ROWS, D_IN)), 20, 25, scratchBytes);

async function read(from: ReturnType<typeof reader>, start: number, count: number) {
  const out = new Float32Array(count * D_IN).fill(Number.NaN);
  await from.read(start, out);
  return rowNumbers(out, D_IN);
}

const range = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);

describe("held-out rows", () => {
  test.each([
    ["less than a row", 1],
    ["a row", ROW],
    ["a few rows and a bit", 4 * ROW + 5],
    ["all of them", 25 * ROW],
    ["more than all", 10 ** 6],
  ])("come whole through a buffer of %s", async (_, scratchBytes) => {
    const from = reader(scratchBytes);
    expect(from.rows).toBe(25);
    expect(await read(from, 0, 25)).toEqual(range(20, 25));
    expect(await read(from, 7, 5)).toEqual(range(27, 5));
    expect(await read(from, 24, 1)).toEqual([44]);
  });

  test("can be asked for many at a time; each gets its own", async () => {
    const { stored, counts } = slowRows(ROWS, D_IN);
    const from = rowReader(stored, 20, 25, 2 * ROW);
    const all = await Promise.all([0, 10, 3, 20].map((start) => read(from, start, 5)));
    expect(all).toEqual([range(20, 5), range(30, 5), range(23, 5), range(40, 5)]);
    // They share one buffer, so they take turns.
    expect(counts.mostInFlight).toBe(1);
  });

  test("are read on after a read that failed", async () => {
    const { stored } = slowRows(ROWS, D_IN, (n) => n === 0);
    const from = rowReader(stored, 20, 25, 100 * ROW);
    await expect(read(from, 0, 5)).rejects.toThrow("read 0 failed");
    expect(await read(from, 0, 5)).toEqual(range(20, 5));
  });

  test.each([
    ["before the first", -1, 2],
    ["beyond the last", 24, 2],
    ["from between two", 0.5, 1],
    ["from nowhere", Number.NaN, 1],
  ])("%s are refused, not taken from training rows", async (_, start, count) => {
    await expect(read(reader(10 ** 6), start, count)).rejects.toMatchObject({
      code: "shape/mismatch",
      message: expect.stringContaining("rows inside the 25 held out"),
    });
  });

  test("stored in half precision come as float32", async () => {
    // 1, −2 and 0.5 in half precision.
    const stored = rowsInMemory("float16", 3, Uint16Array.of(0, 0, 0, 0x3c00, 0xc000, 0x3800));
    const out = new Float32Array(3);
    await rowReader(stored, 1, 1, 100).read(0, out);
    expect([...out]).toEqual([1, -2, 0.5]);
  });
});
