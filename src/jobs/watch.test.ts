import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { TINY_CONFIG } from "../../test/support/tiny-run.ts";
import { parseConfig } from "../config/load-config.ts";
import { type JobBatch, listBatches, readState, requestCancel } from "./batch.ts";
import type { JobStatus } from "./job-status.ts";
import type { HandedOut, Launcher, Polled } from "./launcher.ts";
import { jobsOfRuns } from "./make-jobs.ts";
import { openBatch, withdrawBatch } from "./open-batch.ts";
import { type BatchProgress, watchBatch } from "./watch.ts";

const planned = parseConfig(TINY_CONFIG, "tiny.yaml", ["seed=[0, 1, 2]"]);

function open(root: string, resume = false, on = "local"): Promise<JobBatch> {
  return openBatch({
    name: "tiny",
    on,
    command: { verb: "run", argument: "tiny.yaml", options: {} },
    cwd: root,
    runsFolder: root,
    jobs: ({ batch }) =>
      jobsOfRuns(
        planned.map((one) => ({ planned: one, baseFolder: root })),
        { batch, cwd: root, cacheDir: root, offline: true },
      ),
    isFinished: async ({ name }) => name === "tiny/seed=2",
    resume,
    now: new Date(0),
  });
}

const said = (submission: number, state: JobStatus["state"], step = 0): Polled => ({
  state: "ended",
  status: { submission, state, step, totalSteps: 20, host: "n1", pid: 1, at: "" },
});

/** Answers every poll of a job with the next of its ends. */
class FakeLauncher implements Launcher {
  readonly pollMs = 0;
  readonly submitted: string[] = [];
  readonly cancelled: string[] = [];
  readonly #ends: Record<string, Polled[]>;
  dies: boolean;

  constructor(ends: Record<string, Polled[]>, dies = false) {
    this.#ends = ends;
    this.dies = dies;
  }
  async check() {}
  async preview() {
    return "";
  }
  async submit(_: unknown, jobs: readonly { job: { id: string }; submission: number }[]) {
    for (const { job, submission } of jobs) this.submitted.push(`${job.id}:${submission}`);
    if (this.dies) throw new Error("killed");
    return new Map(jobs.map(({ job }) => [job.id, "handle"]));
  }
  async poll(_: unknown, jobs: readonly HandedOut[]) {
    return new Map(jobs.map(({ job }) => [job.id, this.#ends[job.id]?.shift() ?? RUNNING]));
  }
  async cancel(_: unknown, jobs: readonly HandedOut[]) {
    this.cancelled.push(...jobs.map(({ job }) => job.id));
  }
  async leave() {
    return true;
  }
}

const RUNNING: Polled = { state: "running" };
const options = (launcher: Launcher) => ({ launcher, retries: 2, sleep: () => setImmediate() });

test("what is lost is handed out again, a stated number of times, and what failed is not", async () => {
  const root = temporaryFolder();
  const batch = await open(root);
  const lost: Polled = { state: "ended", reason: "node n1 failed" };
  const launcher = new FakeLauncher({
    "0001": [lost, said(1, "finished"), lost, lost],
    "0002": [
      RUNNING,
      said(1, "interrupted", 5),
      said(2, "interrupted", 9),
      said(3, "interrupted", 9),
      said(4, "finished", 20),
    ],
  });
  const notices: string[] = [];
  const seen: BatchProgress[] = [];
  const state = await watchBatch(batch, {
    ...options(launcher),
    onNotice: (text) => notices.push(text),
    onProgress: (progress) => seen.push(progress),
  });
  expect(state.get("0001")).toMatchObject({
    outcome: "failed",
    error: { code: "job/failed", message: "node n1 failed" },
  });
  // An end of an earlier submission says nothing of this one.
  expect(notices.slice(0, 1)).toEqual(["tiny/seed=0 is handed out again (1 of 2): node n1 failed"]);
  expect(state.get("0002")).toMatchObject({ outcome: "finished", submission: 4, lost: 1 });
  // It had finished before.
  expect(launcher.submitted.filter((one) => one.startsWith("0003"))).toEqual([]);
  expect(seen.at(-1)).toMatchObject({ total: 3, finished: 2, failed: 1, running: 0, waiting: 0 });
  expect(await readState(batch.folder)).toEqual(state);
});

test("a watcher that dies while it hands out is followed by one that hands out the same", async () => {
  const root = temporaryFolder();
  const batch = await open(root);
  const first = new FakeLauncher({}, true);
  await expect(watchBatch(batch, options(first))).rejects.toThrow("killed");
  // As a new command of the same name: it may not begin beside the other.
  await expect(open(root)).rejects.toMatchObject({ code: "run/conflict" });
  await expect(open(root, true, "slurm")).rejects.toMatchObject({
    message: "tiny has jobs already, on local, not slurm.",
  });
  const again = await open(root, true);
  expect(again.token).toBe(batch.token);
  const ends = { "0001": [said(1, "finished")], "0002": [said(1, "finished")] };
  const second = new FakeLauncher(ends);
  const state = await watchBatch(again, options(second));
  expect([first.submitted, second.submitted]).toEqual([
    ["0001:1", "0002:1"],
    ["0001:1", "0002:1"],
  ]);
  expect([...state.values()].map(({ outcome }) => outcome)).toEqual(Array(3).fill("finished"));
  // It has ended, so that another may take its name.
  expect((await open(root)).token).not.toBe(batch.token);
});

test("after the signal nobody watches, and jobs that go on are found again", async () => {
  const root = temporaryFolder();
  const batch = await open(root);
  const controller = new AbortController();
  const first = new FakeLauncher({});
  const left = watchBatch(batch, {
    ...options(first),
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  await expect(left).rejects.toMatchObject({
    code: "interrupted",
    hint: "concord jobs watch tiny goes on; concord jobs cancel tiny ends them.",
  });
  const second = new FakeLauncher({ "0001": [said(1, "finished")] });
  const asked: Promise<void>[] = [];
  const state = await watchBatch(batch, {
    ...options(second),
    onProgress: ({ finished }) => void (finished === 2 && asked.push(requestCancel(batch.folder))),
  });
  await Promise.all(asked);
  expect(second.submitted).toEqual([]);
  expect(second.cancelled).toEqual(["0002"]);
  expect(state.get("0002")?.outcome).toBe("cancelled");
});

test("a batch that a launcher refuses is forgotten, unless jobs of it were handed out before", async () => {
  const root = temporaryFolder();
  await withdrawBatch(await open(root));
  expect(await listBatches(root)).toEqual([]);
  const batch = await open(root);
  await watchBatch(batch, options(new FakeLauncher({}, true))).catch(() => {});
  await withdrawBatch(batch);
  expect(await listBatches(root)).toHaveLength(1);
});
