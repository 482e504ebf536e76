import { expect, test } from "vitest";
import { numberedRows, served } from "../../../test/support/stored-rows.ts";
import { shufflePlan } from "./shuffle-plan.ts";
import { ShuffledStream } from "./shuffled-stream.ts";
import { rowsInMemory } from "./stored-rows.ts";
import { groupsAsRows, rowsOfGroups } from "./whole-groups.ts";

const D_IN = 2;
const SIZE = 3;
const ROWS = 24;

function streamOf() {
  const stored = rowsInMemory("float32", D_IN, numberedRows(ROWS, D_IN));
  const groups = groupsAsRows(stored, SIZE);
  const plan = shufflePlan(groups.rows, 2, 2, 1);
  return rowsOfGroups(new ShuffledStream(groups, plan), D_IN, SIZE);
}

/** The groups that rows are of; fails where a group is not whole and in order. */
function groupsOf(rows: readonly number[]): number[] {
  const groups = rows.filter((_, i) => i % SIZE === 0).map((row) => row / SIZE);
  expect(rows).toEqual(groups.flatMap((g) => [0, 1, 2].map((i) => SIZE * g + i)));
  return groups;
}

test("rows come in whole groups, each once a pass, in another order every pass", async () => {
  const stream = streamOf();
  expect(stream.rowsPerPass).toBe(ROWS);
  const first = groupsOf(await served(stream, D_IN, ROWS));
  const second = groupsOf(await served(stream, D_IN, ROWS));
  expect(first.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(second.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(first).not.toEqual(second);
});

test("batches that end inside a group give the same rows, and so does every position", async () => {
  const whole = await served(streamOf(), D_IN, 2 * ROWS);
  const stream = streamOf();
  const rows: number[] = [];
  for (let i = 0; rows.length < 2 * ROWS; i++) {
    const count = Math.min([1, 5, 2, 7][i % 4]!, 2 * ROWS - rows.length);
    const state = stream.state();
    const next = await served(stream, D_IN, count);
    const again = streamOf();
    await again.seek(state);
    expect(await served(again, D_IN, count)).toEqual(next);
    rows.push(...next);
  }
  expect(rows).toEqual(whole);
});
