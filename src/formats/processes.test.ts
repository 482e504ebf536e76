import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { announceSkip } from "../../test/support/announce-skip.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { isRunning, startOf } from "./processes.ts";

const isLinux = existsSync("/proc/self/stat");

function started(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** What the system says of a process; nothing of one that it does not show yet. */
function stateOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return "";
  }
}

test("this process lives, and one that has ended does not", () => {
  expect(isRunning(process.pid)).toBe(true);
  expect(isRunning(spawnSync("true").pid)).toBe(false);
});

test("a zombie does not live: its parent never waits for it", async ({ skip }) => {
  if (announceSkip("zombies", isLinux ? undefined : "this system has no /proc")) skip();
  // The shell becomes a program that knows of no child; only then may the child end.
  const parent = spawn("sh", ["-c", "cat <&3 >/dev/null & echo $!; exec sleep 100"], {
    stdio: ["ignore", "pipe", "ignore", "pipe"],
  });
  onTestFinished(() => void parent.kill("SIGKILL"));
  const pid = await new Promise<number>((settle) =>
    parent.stdout!.once("data", (text) => settle(Number(text))),
  );
  await expect.poll(() => stateOf(parent.pid!)).toContain("(sleep)");
  (parent.stdio[3] as Writable).end();
  await expect.poll(() => stateOf(pid)).toContain(") Z ");
  expect(process.kill(pid, 0)).toBe(true);
  expect(isRunning(pid)).toBe(false);
});

test("brackets and blanks in a program's name say nothing of its state", async ({ skip }) => {
  if (announceSkip("names of programs", isLinux ? undefined : "this system has no /proc")) skip();
  const sleep = spawnSync("sh", ["-c", "readlink -f $(command -v sleep)"], { encoding: "utf8" });
  // At most 15 characters: the system keeps no more.
  const program = join(temporaryFolder(), "a) Z (b) X 1 2");
  copyFileSync(sleep.stdout.trim(), program);
  const { pid } = started(program, ["100"]);
  await expect.poll(() => stateOf(pid!)).toContain("a) Z (b) X 1 2)");
  expect(isRunning(pid!)).toBe(true);
  expect(startOf(pid!)).toMatch(/^\d+$/);
  expect(Number(startOf(pid!))).toBeGreaterThanOrEqual(Number(startOf(process.pid)));
});
