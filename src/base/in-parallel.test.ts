import { expect, test } from "vitest";
import { inParallel } from "./in-parallel.ts";

const turns = async (n: number) => {
  for (let i = 0; i < n; i++) await Promise.resolve();
};

test("results stand in the order of the items, and no more than asked run at once", async () => {
  let running = 0;
  let most = 0;
  const found = await inParallel(2, [9, 1, 5, 0, 3], async (n) => {
    most = Math.max(most, ++running);
    await turns(n);
    running--;
    return n * 10;
  });
  expect(found).toEqual([90, 10, 50, 0, 30]);
  expect(most).toBe(2);
  expect(await inParallel(3, [], async () => 1)).toEqual([]);
});

test("after a failure nothing is started, and what runs is waited for", async () => {
  const ended: number[] = [];
  const failing = inParallel(2, [1, 2, 3, 4], async (n) => {
    await turns(n === 1 ? 9 : 1);
    if (n === 2) throw new Error("two");
    ended.push(n);
  });
  await expect(failing).rejects.toThrow("two");
  expect(ended).toEqual([1]);
});
