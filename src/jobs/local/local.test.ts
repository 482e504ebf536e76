import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { TINY_CONFIG } from "../../../test/support/tiny-run.ts";
import { parseConfig } from "../../config/load-config.ts";
import { logsFolder } from "../batch.ts";
import type { LauncherMachine } from "../launcher.ts";
import { jobsOfRuns } from "../make-jobs.ts";
import { openBatch } from "../open-batch.ts";
import { watchBatch } from "../watch.ts";
import { local } from "./local.ts";
import { placesOf, roomFor } from "./room.ts";

const GIB = 2 ** 30;

test("jobs at a time are what was asked for, unless memory allows fewer", () => {
  const here = { memory: 10 * GIB, processors: 4 };
  expect(roomFor(undefined, GIB, here)).toEqual({ jobs: 4, by: "processors" });
  expect(roomFor(8, GIB, here)).toEqual({ jobs: 8, by: "--jobs" });
  expect(roomFor(8, 3 * GIB, here)).toEqual({ jobs: 3, by: "memory" });
  expect(roomFor(8, 30 * GIB, here)).toEqual({ jobs: 1, by: "memory" });
  expect(roomFor(2, undefined, here)).toEqual({ jobs: 2, by: "--jobs" });
});

test("each place has processors of its own while there are enough", () => {
  expect(placesOf(2, [0, 1, 4, 5, 6])).toEqual([
    [0, 1],
    [4, 5],
  ]);
  expect(placesOf(3, [2, 3])).toEqual([[2], [3], [2]]);
});

/** A program that stands for Concord: says how far it is, as a job does. */
const WORKER = `
const { writeFileSync } = require("node:fs");
const [, , , , file, , submission] = process.argv;
const status = file.replace("/jobs/", "/status/");
const say = (state) => writeFileSync(status, JSON.stringify({
  submission: Number(submission), state, host: "here", pid: process.pid, at: "", step: 1 }));
say("running");
process.on("SIGTERM", () => { say("interrupted"); process.exit(130); });
console.log(process.env.CONCORD_THREADS);
if (file.endsWith("0002.json") && submission === "1") process.kill(process.pid, "SIGKILL");
if (file.endsWith("0003.json")) setTimeout(() => {}, 60_000);
else say("finished");
`;

async function start() {
  const root = temporaryFolder();
  const worker = join(root, "worker.cjs");
  writeFileSync(worker, WORKER);
  const planned = parseConfig(TINY_CONFIG, "tiny.yaml", ["seed=[0, 1, 2]"]);
  const batch = await openBatch({
    name: "tiny",
    on: "local",
    command: { verb: "run", argument: "tiny.yaml", options: {} },
    cwd: root,
    runsFolder: root,
    jobs: ({ batch: token }) =>
      jobsOfRuns(
        planned.map((one) => ({ planned: one, baseFolder: root })),
        { batch: token, cwd: root, cacheDir: root, offline: true },
      ),
    isFinished: async () => false,
    resume: false,
    now: new Date(0),
  });
  const machine: LauncherMachine = {
    command: [process.execPath, worker],
    env: { PATH: process.env["PATH"] },
    host: "here",
    version: "0",
    random: () => 0,
    clock: () => performance.now(),
    now: () => new Date(0),
    sleep: (ms) => wait(ms),
    say: () => {},
    availableMemory: () => GIB,
    processors: [0],
    sizeOf: async () => ({ bytes: GIB / 8 }),
    jobs: 2,
  };
  return { batch, machine };
}

test("jobs are processes: one that is killed begins again, and the interrupt ends those that run", async () => {
  const { batch, machine } = await start();
  const controller = new AbortController();
  const notices: string[] = [];
  const watching = watchBatch(batch, {
    launcher: await local.open({}, machine),
    retries: 2,
    sleep: (ms, signal) => wait(ms, undefined, signal ? { signal } : {}),
    signal: controller.signal,
    onNotice: (text) => notices.push(text),
    onProgress: ({ finished, running, steps }) => {
      if (finished === 2 && running === 1 && steps === 3) controller.abort();
    },
  });
  await expect(watching).rejects.toMatchObject({
    code: "interrupted",
    message: "The jobs of tiny were interrupted; what they did is in checkpoints.",
  });
  expect(notices).toEqual([
    "tiny/seed=1 is handed out again (1 of 2): its process was killed by SIGKILL",
  ]);
  const { readFileSync } = await import("node:fs");
  expect(readFileSync(join(logsFolder(batch.folder), "0001.txt"), "utf8")).toBe("1\n");
});
