import { expect, test } from "vitest";
import { selectedRows } from "./selected-rows.ts";
import { rowsInMemory } from "./stored-rows.ts";

test("the chosen rows are read in their order, from any row on", async () => {
  const all = rowsInMemory(
    "float32",
    2,
    Float32Array.from({ length: 20 }, (_, i) => i),
  );
  const some = selectedRows(all, Int32Array.of(1, 2, 3, 7, 0, 9));
  expect(some).toMatchObject({ dtype: "float32", dIn: 2, rows: 6 });
  const read = async (start: number, count: number) => {
    const out = new Float32Array(2 * count);
    await some.read(start, new Uint8Array(out.buffer));
    return [...out].filter((_, i) => i % 2 === 0).map((v) => v / 2);
  };
  expect(await read(0, 6)).toEqual([1, 2, 3, 7, 0, 9]);
  expect(await read(2, 3)).toEqual([3, 7, 0]);
});
