// Simulates sweeps of many jobs, to see which part saturates first:
//
//   npx tsx scripts/simulate-jobs.ts [--step-ms 12] [--steps 10000]
//     [--slots 200] [--starts 5] [--files 500]
//
// What the watcher does is measured here, in processor time. The rest are the arguments.
// --step-ms is the time of a step, which concord plan says. --slots are the jobs at a time.
// --starts are the jobs that the scheduler starts per second. --files are the files that the shared
// file system writes and flushes per second.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openBackend } from "../src/backend/open-backend.ts";
import { parseConfig } from "../src/config/load-config.ts";
import { trainRun } from "../src/experiments/train-run.ts";
import { createBatch, statusFile, writeState } from "../src/jobs/batch.ts";
import { readStatus, statusPause, writeStatus } from "../src/jobs/job-status.ts";
import { jobsOfRuns } from "../src/jobs/make-jobs.ts";
import { parseQueue } from "../src/jobs/slurm/commands.ts";
import { writeSweepReport } from "../src/report/sweep-report.ts";

const { values } = parseArgs({
  options: {
    "step-ms": { type: "string", default: "12" },
    steps: { type: "string", default: "10000" },
    slots: { type: "string", default: "200" },
    starts: { type: "string", default: "5" },
    files: { type: "string", default: "500" },
  },
});
const stepMs = Number(values["step-ms"]);
const steps = Number(values.steps);
const slots = Number(values.slots);
const starts = Number(values.starts);
const files = Number(values.files);

/** From a job's start to its first step, and from its last step to its end, seconds. */
const AROUND_SECONDS = 3;
/** The watcher looks at the jobs as often as this. */
const POLL_SECONDS = 10;
const CHECKPOINT_EVERY = 1000;
/** Files of a checkpoint, and of a run besides its checkpoints. */
const CHECKPOINT_FILES = 3;
const RUN_FILES = 16;

const root = mkdtempSync(join(tmpdir(), "concord-simulate-"));

/** Processor milliseconds of `work`. */
async function cost(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const CONFIG = (runs: number) => `
name: grid
runs_folder: ${root}
source: { kind: synthetic, d_in: 8, features: 16, groups: 2, active: 2, held_out_rows: 64 }
population: { members: 2, d_sae: 16, k: 2 }
training: { batch: 32, steps: 4 }
sweep: { seed: [${Array.from({ length: runs }, (_, i) => i).join(", ")}] }
`;

/** What the watcher does for each job, in processor milliseconds. */
async function measure() {
  const count = 200;
  const planned = parseConfig(CONFIG(count), "grid.yaml");
  const common = { batch: "b", cwd: root, cacheDir: root, offline: true };
  const runs = planned.map((one) => ({ planned: one, baseFolder: root }));
  const jobs = jobsOfRuns(runs, common);
  const folder = join(root, ".jobs/grid");
  const batch = {
    token: "b",
    name: "grid",
    folder,
    on: "slurm",
    createdAt: "",
    command: { verb: "run", argument: "grid.yaml", options: {} },
    cwd: root,
    jobs: jobs.map(({ id, name }) => ({ id, name })),
  };
  const write = (await cost(() => createBatch(batch, jobs, new Map()))) / count;
  const many = 100_000;
  const out = { phase: "out", submission: 1, lost: 0, handle: "1_1" } as const;
  const state = new Map(Array.from({ length: many }, (_, i) => [String(i), out]));
  const save = (await cost(() => writeState(folder, state))) / many;
  const queue = Array.from({ length: many }, (_, i) => `12|${i}|PENDING|Priority`).join("\n");
  const parse = (await cost(async () => parseQueue(queue))) / many;
  const status = { submission: 1, state: "running", host: "n", pid: 1, at: "" } as const;
  for (const { id } of jobs) await writeStatus(statusFile(folder, id), status);
  const read =
    (await cost(async () => {
      for (const { id } of jobs) await readStatus(statusFile(folder, id));
    })) / count;
  // Runs that have finished, read as the watcher reads them in the end, and their report.
  const few = 24;
  const context = {
    backend: openBackend({ threads: 1 }).backend,
    baseFolder: root,
    cacheDir: root,
    catalogue: { cacheDir: root, offline: true },
    host: "n",
    pid: 1,
    versions: {},
    peakMemory: () => 0,
    clock: () => performance.now(),
    now: () => new Date(0),
  };
  for (const one of planned.slice(0, few)) await trainRun(one, context, true);
  const gather =
    (await cost(async () => {
      for (const one of planned.slice(0, few)) await trainRun(one, context, true);
    })) / few;
  await writeSweepReport(join(root, "grid"));
  const report = (await cost(() => writeSweepReport(join(root, "grid")))) / few;
  const page = readFileSync(join(root, "grid/report.html")).byteLength / few;
  return { write, save, parse, read, gather, report, page };
}

const short = (value: number) => Number(value.toPrecision(3));
const hours = (seconds: number) =>
  seconds < 120
    ? `${short(seconds)} s`
    : seconds < 7200
      ? `${short(seconds / 60)} min`
      : `${short(seconds / 3600)} h`;

/** How often a job says how far it is. */
function statusesIn(seconds: number): number {
  let count = 2;
  for (let ms = 0; ms < 1000 * seconds; ms += statusPause(ms)) count++;
  return count;
}

/** When the last job ends: each takes a free slot, and the scheduler starts some per second. */
function makespan(jobs: number, seconds: number): number {
  const free = new Float64Array(Math.min(slots, jobs));
  let last = 0;
  for (let i = 0; i < jobs; i++) {
    // Jobs take the same time, so that the slot that began first is free first.
    const slot = i % free.length;
    free[slot] = Math.max(free[slot]!, i / starts) + seconds;
    last = Math.max(last, free[slot]!);
  }
  return last;
}

try {
  const ms = await measure();
  const each = AROUND_SECONDS + (steps * stepMs) / 1000;
  const checkpoints = (CHECKPOINT_FILES * steps) / CHECKPOINT_EVERY;
  const perRun = RUN_FILES + checkpoints + statusesIn(each);
  console.log(
    `A job takes ${hours(each)} and writes ${Math.round(perRun)} files. The watcher takes per job, in processor ms: ` +
      `${short(ms.write)} to write it, ${short(ms.gather)} to read its results, ${short(ms.report)} of the sweep's report ` +
      `(${short(ms.page / 1024)} KiB); per look ${short(1000 * (ms.save + ms.parse))} µs, and ${short(ms.read)} for each that runs.`,
  );
  console.log(
    "\n| runs | slots busy | all jobs | one after the other | handing out | a look | gathering |",
  );
  console.log("|---|---|---|---|---|---|---|");
  for (const jobs of [1000, 100_000]) {
    const running = Math.min(slots, jobs);
    const look = (jobs * (ms.save + ms.parse) + running * ms.read) / 1000;
    const cells = [
      jobs,
      `${short((100 * jobs * each) / (makespan(jobs, each) * running))} %`,
      hours(makespan(jobs, each)),
      hours(jobs * each),
      hours((jobs * ms.write) / 1000),
      hours(look),
      hours((jobs * (ms.gather + ms.report)) / 1000),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
  // How many jobs at a time each part can serve.
  const most = [
    ["starting jobs", starts * each],
    ["writing files", (files * each) / perRun],
    [
      "looking at jobs (100 000 jobs)",
      (1000 * POLL_SECONDS - 100_000 * (ms.save + ms.parse)) / ms.read,
    ],
    ["gathering in as long as training", (1000 * each) / (ms.gather + ms.report)],
  ] as const;
  console.log("\n| part | jobs at a time that it serves |\n|---|---|");
  for (const [part, jobs] of most.toSorted((a, b) => a[1] - b[1]))
    console.log(`| ${part} | ${Math.floor(jobs)} |`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
