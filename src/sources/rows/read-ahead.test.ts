import { describe, expect, test } from "vitest";
import { ReadAhead } from "./read-ahead.ts";
import type { StoredRows } from "./stored-rows.ts";

/** Ten rows of one byte, 0 to 9; reads wait until they are let through. */
function stored(isHeld = false) {
  const asked: number[] = [];
  const waiting: (() => void)[] = [];
  const rows: StoredRows = {
    dtype: "uint8" as never,
    dIn: 1,
    rows: 10,
    scratchBytes: 0,
    async read(start, into) {
      asked.push(start);
      if (isHeld) await new Promise<void>((go) => waiting.push(go));
      for (let i = 0; i < into.length; i++) into[i] = start + i;
    },
    close: async () => {},
  };
  return { rows, asked, letThrough: () => waiting.splice(0).forEach((go) => void go()) };
}

const buffers = (n: number) => Array.from({ length: n }, () => new Uint8Array(4));

async function taken(ahead: ReadAhead): Promise<number[]> {
  let found: number[] = [];
  await ahead.take(async (bytes, rows) => {
    found = [...bytes.subarray(0, rows)];
  });
  return found;
}

describe("blocks that are read ahead", () => {
  test("come in the order that was asked for, the last one of the store shorter", async () => {
    const { rows } = stored();
    const ahead = new ReadAhead(rows, 4, Int32Array.of(2, 0, 1), buffers(2));
    expect(ahead.nextRows).toBe(2);
    expect([await taken(ahead), await taken(ahead), await taken(ahead)]).toEqual([
      [8, 9],
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
    expect(ahead.nextRows).toBe(0);
  });

  test("are as many at a time as there are buffers", async () => {
    const { rows, asked } = stored();
    const ahead = new ReadAhead(rows, 4, Int32Array.of(2, 0, 1), buffers(2));
    expect(asked).toEqual([8, 0]);
    await taken(ahead);
    expect(asked).toEqual([8, 0, 4]);
  });

  test("say whether the next one is there", async () => {
    const { rows, letThrough } = stored(true);
    const ahead = new ReadAhead(rows, 4, Int32Array.of(0, 1), buffers(1));
    expect(ahead.isReady).toBe(false);
    letThrough();
    await ahead.settled();
    expect(ahead.isReady).toBe(true);
  });

  test("of no blocks are none", async () => {
    const ahead = new ReadAhead(stored().rows, 4, new Int32Array(0), buffers(2));
    expect([ahead.nextRows, ahead.isReady]).toEqual([0, false]);
    await ahead.settled();
  });

  test("that cannot be read fail when they are taken, not before", async () => {
    const { rows } = stored();
    const failing = { ...rows, read: () => Promise.reject(new Error("disk")) };
    const ahead = new ReadAhead(failing, 4, Int32Array.of(0), buffers(1));
    await ahead.settled();
    expect(ahead.isReady).toBe(false);
    await expect(taken(ahead)).rejects.toThrow("disk");
  });
});
