import { expect, test } from "vitest";
import { numberedRows, rowNumbers } from "../../../test/support/stored-rows.ts";
import { joinedRows } from "./joined-rows.ts";
import { withoutRows } from "./kept-rows.ts";
import { rowsInMemory, type StoredRows } from "./stored-rows.ts";

const D_IN = 3;
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
const numbered = (rows: number) => rowsInMemory("float32", D_IN, numberedRows(rows, D_IN));

async function read(stored: StoredRows, start: number, count: number): Promise<number[]> {
  const out = new Float32Array(count * D_IN);
  await stored.read(start, new Uint8Array(out.buffer));
  return rowNumbers(out, D_IN);
}

test.each([[[]], [[0]], [[19]], [[0, 1, 2, 18, 19]], [[3, 4, 5, 9, 11, 13]], [upTo(19)]])(
  "without rows %j every range of the others is as if those had never been",
  async (left) => {
    const kept = withoutRows(numbered(20), left);
    const others = upTo(20).filter((row) => !left.includes(row));
    expect(kept.rows).toBe(others.length);
    for (let start = 0; start < kept.rows; start++)
      for (let end = start; end <= kept.rows; end++)
        expect(await read(kept, start, end - start)).toEqual(others.slice(start, end));
  },
);

test("rows of several parts are read across their ends", async () => {
  const all = numberedRows(20, D_IN);
  const part = (from: number, to: number) => ({
    name: `${from}.npy`,
    rows: rowsInMemory("float32", D_IN, all.subarray(from * D_IN, to * D_IN)),
  });
  const joined = joinedRows([part(0, 1), part(1, 8), part(8, 9), part(9, 20)]);
  expect(joined.rows).toBe(20);
  for (let start = 0; start < 20; start++)
    for (let end = start; end <= 20; end++)
      expect(await read(joined, start, end - start)).toEqual(upTo(20).slice(start, end));
});

test("parts of another width or dtype are named", () => {
  const one = { name: "a.npy", rows: numbered(4) };
  const wide = { name: "b.npy", rows: rowsInMemory("float32", 2, new Float32Array(4)) };
  const half = { name: "c.npy", rows: rowsInMemory("float16", D_IN, new Uint16Array(6)) };
  expect(() => joinedRows([one, wide])).toThrow(
    "b.npy has rows of d_in 2, but those of a.npy have 3.",
  );
  expect(() => joinedRows([one, half])).toThrow("c.npy holds float16, but a.npy holds float32.");
});
