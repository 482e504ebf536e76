import { expect, test } from "vitest";
import { oneAtATime } from "./one-at-a-time.ts";

const later = (turns: number) =>
  new Promise<void>((done) => {
    const wait = (left: number) => (left === 0 ? done() : setImmediate(() => wait(left - 1)));
    wait(turns);
  });

test("tasks run one after the other, in the order in which they were asked for", async () => {
  const queue = oneAtATime();
  const seen: string[] = [];
  const task = (name: string, turns: number) =>
    queue(async () => {
      seen.push(`${name} begins`);
      await later(turns);
      seen.push(`${name} ends`);
      return name;
    });
  expect(await Promise.all([task("slow", 9), task("quick", 0), task("last", 1)])).toEqual([
    "slow",
    "quick",
    "last",
  ]);
  expect(seen).toEqual(
    ["slow", "quick", "last"].flatMap((name) => [`${name} begins`, `${name} ends`]),
  );
});

test("a task that fails is its own caller's concern, the next one runs", async () => {
  const queue = oneAtATime();
  const failing = queue(() => Promise.reject(new Error("no")));
  const next = queue(async () => 7);
  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe(7);
});

test("queues do not wait for each other", async () => {
  const [first, second] = [oneAtATime(), oneAtATime()];
  let isOpen = false;
  const blocked = first(async () => {
    while (!isOpen) await later(1);
  });
  await second(async () => {
    isOpen = true;
  });
  await expect(blocked).resolves.toBeUndefined();
});
