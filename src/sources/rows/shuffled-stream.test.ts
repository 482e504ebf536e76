import { expect, test } from "vitest";
import { served, slowRows } from "../../../test/support/stored-rows.ts";
import { servedOrder, shufflePlan } from "./shuffle-plan.ts";
import { ShuffledStream, STAGING_BLOCKS } from "./shuffled-stream.ts";

const ROWS = 103;
const D_IN = 3;

function open(
  options: { seed?: number; inMemory?: number; fails?: (read: number) => boolean } = {},
) {
  const { stored, counts } = slowRows(ROWS, D_IN, options.fails);
  const plan = shufflePlan(ROWS, 5, options.inMemory ?? 4, options.seed ?? 1);
  return { stream: new ShuffledStream(stored, plan), plan, counts };
}

test.each([1, 2, 4, 7, 20, 21])(
  "with %d blocks in memory it serves the plan's order, pass after pass",
  async (n) => {
    const { stream, plan } = open({ inMemory: n });
    const wanted = [0, 1, 2].flatMap((pass) => [...servedOrder(plan, pass)]);
    expect(await served(stream, D_IN, 3 * ROWS, 8)).toEqual(wanted);
  },
);

test("the size of the batches does not matter", async () => {
  const wanted = await served(open().stream, D_IN, 2 * ROWS);
  for (const batch of [1, 7, 64, 150])
    expect(await served(open().stream, D_IN, 2 * ROWS, batch)).toEqual(wanted);
});

test("reads that finish between batches never overwrite a row that is still to be served", async () => {
  const wanted = await served(open().stream, D_IN, 3 * ROWS);
  for (const batch of [1, 2, 3]) {
    const { stream } = open();
    const rows: number[] = [];
    while (rows.length < wanted.length) {
      rows.push(...(await served(stream, D_IN, Math.min(batch, wanted.length - rows.length))));
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(rows).toEqual(wanted);
  }
});

test("seeking anywhere continues as if nothing had happened", async () => {
  const wanted = await served(open().stream, D_IN, 3 * ROWS);
  const walking = open().stream;
  for (let at = 0; at < 2 * ROWS; at += 13) {
    const { stream } = open();
    await stream.seek(walking.state());
    expect(await served(stream, D_IN, 40, 9)).toEqual(wanted.slice(at, at + 40));
    await served(walking, D_IN, 13);
  }
});

test("seeking back and forth in one stream works too, also in the midst of reads", async () => {
  const { stream } = open();
  const start = stream.state();
  const wanted = await served(stream, D_IN, 60);
  const middle = stream.state();
  const rest = await served(stream, D_IN, 60);
  await stream.seek(start);
  expect(await served(stream, D_IN, 60, 7)).toEqual(wanted);
  void stream.seek(start);
  void stream.seek(middle);
  expect(await served(stream, D_IN, 60, 11)).toEqual(rest);
});

test("the state is small JSON that names the next row", async () => {
  const { stream } = open();
  await served(stream, D_IN, ROWS + 10);
  const state = JSON.parse(JSON.stringify(stream.state()));
  expect(state).toMatchObject({ pass: 1, row: 10 });
  expect(JSON.stringify(state).length).toBeLessThan(200);
});

test("a position from another seed or buffer size is refused, not served as other rows", async () => {
  const state = open().stream.state();
  for (const other of [open({ seed: 2 }), open({ inMemory: 5 })])
    await expect(other.stream.seek(state)).rejects.toMatchObject({ code: "run/conflict" });
  const { stream } = open();
  await expect(stream.seek({ ...state, row: ROWS })).rejects.toThrow(/0 to 102 for state.row/);
  await expect(stream.seek({ ...state, row: -1 })).rejects.toThrow(/state.row/);
  await expect(stream.seek({ ...state, pass: 0.5 })).rejects.toThrow(/state.pass/);
});

test("after a failed read the same rows can be asked for again", async () => {
  const wanted = await served(open().stream, D_IN, 2 * ROWS);
  const failing = new Set([3, 9, 20, 31]);
  const { stream, counts } = open({ fails: (read) => failing.has(read) });
  const rows: number[] = [];
  let failures = 0;
  while (rows.length < wanted.length) {
    try {
      rows.push(...(await served(stream, D_IN, Math.min(10, wanted.length - rows.length))));
    } catch (error) {
      expect(String(error)).toMatch(/read \d+ failed/);
      failures++;
    }
  }
  expect(rows).toEqual(wanted);
  expect(failures).toBe(failing.size);
  expect(counts.inFlight).toBeLessThanOrEqual(STAGING_BLOCKS);
});

test("each block is read once a pass, a few ahead, while rows are served", async () => {
  const { stream, counts } = open();
  await served(stream, D_IN, 5 * ROWS, 4);
  await stream.settled();
  expect(counts.mostInFlight).toBe(STAGING_BLOCKS);
  expect(counts.rowsRead).toBeGreaterThanOrEqual(5 * ROWS);
  expect(counts.rowsRead).toBeLessThan(5 * ROWS + 4 * 5 * STAGING_BLOCKS + 20);
});

test("overlapping calls are served one after the other", async () => {
  const wanted = await served(open().stream, D_IN, 60);
  const { stream } = open();
  const parts = await Promise.all([0, 1, 2, 3, 4, 5].map(() => served(stream, D_IN, 10)));
  expect(parts.flat()).toEqual(wanted);
});

test("a batch that is not a whole number of rows is refused", async () => {
  await expect(open().stream.next(new Float32Array(4))).rejects.toThrow(/rows of d_in 3/);
});
