import { expect, test } from "vitest";
import { served, slowRows } from "../../../test/support/stored-rows.ts";
import { permutation, randomStream } from "../../base/philox.ts";
import { residentStream } from "./resident-stream.ts";

function open(seed = 1) {
  const { stored, counts } = slowRows(50, 3);
  return { stream: residentStream(stored, { seed, rowsPerBlock: 8 }), counts };
}

test("every pass is a uniform permutation of its own", async () => {
  const { stream } = open();
  for (const pass of [0, 1, 2]) {
    const order = permutation(randomStream(1, `shuffle/pass/${pass}/rows`), 50);
    expect(await served(stream, 3, 50, 7)).toEqual([...order]);
  }
});

test("rows are read once, however many passes are served", async () => {
  const { stream, counts } = open();
  await served(stream, 3, 500, 64);
  expect(counts.rowsRead).toBe(50);
});

test("seeking continues from any row of any pass", async () => {
  const wanted = await served(open().stream, 3, 150);
  const walking = open().stream;
  for (let at = 0; at < 100; at += 7) {
    const { stream } = open();
    await stream.seek(walking.state());
    expect(await served(stream, 3, 50, 6)).toEqual(wanted.slice(at, at + 50));
    await served(walking, 3, 7);
  }
});

test("a position of another seed is refused", async () => {
  await expect(open(2).stream.seek(open(1).stream.state())).rejects.toMatchObject({
    code: "run/conflict",
    message: expect.stringMatching(/seed 1; this source has .*seed 2/),
  });
});
