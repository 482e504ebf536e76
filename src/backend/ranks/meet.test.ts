/** Ranks find each other whatever is left of attempts before, or say who did not come. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { type MeetOptions, meet } from "./meet.ts";

/** A clock that goes on as ranks wait. */
function waiting(timeoutMs = 1e12): Pick<MeetOptions, "clock" | "sleep" | "timeoutMs"> {
  let now = 0;
  const sleep = (ms: number) =>
    new Promise<void>((wake) => {
      now += ms;
      setTimeout(wake, 1);
    });
  return { timeoutMs, clock: () => now, sleep };
}

test("ranks that start in any order meet in a folder of their own", async () => {
  const folder = join(temporaryFolder(), "ranks");
  const stale = join(folder, "before");
  mkdirSync(join(stale, "gloo"), { recursive: true });
  writeFileSync(join(stale, "call.json"), "{}");
  writeFileSync(join(stale, "start.json"), '["a"]');
  const late = meet(folder, { rank: 1, size: 3, ...waiting() });
  const first = meet(folder, { rank: 0, size: 3, ...waiting() });
  const last = meet(folder, { rank: 2, size: 3, ...waiting() });
  const found = await Promise.all([first, late, last]);
  expect(new Set(found).size).toBe(1);
  expect(readdirSync(join(found[0], "gloo"))).toEqual([]);
  expect(existsSync(stale)).toBe(false);
});

test("who does not come is named, and nothing is left", async () => {
  const folder = join(temporaryFolder(), "ranks");
  await expect(meet(folder, { rank: 0, size: 3, ...waiting(2000) })).rejects.toMatchObject({
    code: "network/failed",
    message: "Rank 1, 2 of 3 did not come within 2 s.",
  });
  expect(existsSync(folder)).toBe(false);
  await expect(meet(folder, { rank: 2, size: 3, ...waiting(2000) })).rejects.toMatchObject({
    message: `Rank 0 did not call rank 2 in ${folder} within 2 s.`,
  });
});

test("ranks of another number are refused, and one that waits can be interrupted", async () => {
  const folder = join(temporaryFolder(), "ranks");
  const interrupt = new AbortController();
  const other = meet(folder, { rank: 1, size: 4, signal: interrupt.signal, ...waiting() });
  await expect(meet(folder, { rank: 0, size: 3, ...waiting() })).rejects.toThrow(
    "Rank 1 was started with --ranks 4, and rank 0 with --ranks 3.",
  );
  interrupt.abort();
  await expect(other).rejects.toMatchObject({ code: "interrupted" });
});
