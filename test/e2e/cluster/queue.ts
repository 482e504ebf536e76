/**
 * @file Tries queues for real: a Redis server, workers in network namespaces, a server of objects.
 *   Workers are killed, links cut, Redis restarted, a disk is full, the store refuses writes. The
 *   results must be those of a sweep that nobody disturbed, byte by byte.
 *
 *   npx tsx test/e2e/cluster/queue.ts [--short]
 *
 * The short form has two workers on this host and kills one. `--store` leaves the shared folder
 * out. The last line counts the checks.
 */

import { type ChildProcess, execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram } from "../../../src/jobs/find-program.ts";
import { type S3Server, startS3Server } from "../../support/s3-server.ts";
import {
  BRIDGE,
  makeMachines,
  processesWith,
  removeMachines,
  setLink,
  startOn,
  whyNoMachines,
  zombies,
} from "./machines.ts";

const isShort = process.argv.includes("--short");
const CONCORD = resolve(import.meta.dirname, "../../../dist/cli/main.js");
const PORT = 6391;
const STORE_PORT = 9791;
const root = mkdtempSync(join(tmpdir(), "concord-queue-"));
const host = isShort ? "127.0.0.1" : BRIDGE;
const redisUrl = `redis://${host}:${PORT}`;

/** Long enough to be disturbed: some seconds each. */
const CONFIG = `
name: sweep
seed: [0, 1, 2${isShort ? "" : ", 3, 4"}]
source: { kind: synthetic, generator: mfr, support: per_sample, d_in: 32, features: 64, groups: 4, active: 4, held_out_rows: 256 }
population: { members: 2, architecture: topk, d_sae: 64, k: 4, lr: 0.001 }
training: { batch: 512, steps: ${isShort ? 600 : 2400}, log_every: 100, checkpoint_every: 100 }
`;

const env: NodeJS.ProcessEnv = {
  ...process.env,
  CONCORD_THREADS: "1",
  CONCORD_CACHE: join(root, "cache"),
  AWS_ENDPOINT_URL: `http://${host}:${STORE_PORT}`,
  AWS_ACCESS_KEY_ID: "key",
  AWS_SECRET_ACCESS_KEY: "secret",
};
delete env["CONCORD_REDIS"];

let passed = 0;
let failed = 0;
function check(what: string, isRight: boolean, detail = ""): void {
  if (isRight) passed++;
  else failed++;
  console.log(`${isRight ? "ok" : "not ok"}: ${what}${isRight || !detail ? "" : `: ${detail}`}`);
}

const started = new Set<ChildProcess>();

function start(
  machine: string | undefined,
  command: readonly string[],
  cwd: string,
  log: string,
  extra: NodeJS.ProcessEnv = {},
): ChildProcess {
  const output = openSync(join(root, log), "a");
  const child = startOn(machine, command, {
    cwd,
    env: { ...env, ...extra },
    stdio: ["ignore", output, output],
  });
  started.add(child);
  child.once("exit", () => started.delete(child));
  return child;
}

const ended = (child: ChildProcess) =>
  new Promise<number | null>((done) => {
    if (child.exitCode !== null || child.signalCode !== null) done(child.exitCode);
    else child.once("exit", (code) => done(code));
  });

async function until(what: string, isSo: () => boolean, seconds = 600): Promise<void> {
  for (let waited = 0; !isSo(); waited += 0.1) {
    if (waited > seconds) throw new Error(`waited ${seconds} s in vain: ${what}`);
    await sleep(100);
  }
}

function startRedis(): ChildProcess {
  const folder = join(root, "redis");
  mkdirSync(folder, { recursive: true });
  const options = [
    "--port",
    String(PORT),
    "--bind",
    host,
    "--protected-mode",
    "no",
    "--dir",
    folder,
  ];
  const lasting = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
  return start(undefined, ["redis-server", ...options, ...lasting], root, "redis.log");
}

async function redisAnswers(): Promise<void> {
  await until("Redis answers", () => {
    try {
      const args = ["-h", host, "-p", String(PORT), "ping"];
      return execFileSync("redis-cli", args, { encoding: "utf8", stdio: "pipe" }).includes("PONG");
    } catch {
      return false;
    }
  });
}

/** The bytes of a run's saes/ and results/, by path. */
function resultsOf(run: string): Map<string, string> {
  const all = new Map<string, string>();
  for (const part of ["saes", "results"]) {
    const folder = join(run, part);
    if (!existsSync(folder)) continue;
    for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
      const whole = join(folder, path);
      try {
        all.set(`${part}/${path}`, readFileSync(whole).toString("base64"));
      } catch {
        // A folder.
      }
    }
  }
  return all;
}

function compare(what: string, folder: string): void {
  const runs = readdirSync(join(root, "reference", "runs", "sweep")).filter((name) =>
    existsSync(join(root, "reference", "runs", "sweep", name, "run.json")),
  );
  const different = runs.filter((name) => {
    const [ours, theirs] = [folder, "reference"].map((one) =>
      resultsOf(join(root, one, "runs", "sweep", name)),
    );
    return theirs!.size === 0 || JSON.stringify([...ours!]) !== JSON.stringify([...theirs!]);
  });
  check(
    `${what}: ${runs.length} runs have the bytes of the undisturbed sweep`,
    different.length === 0,
    different.join(),
  );
  const twice = runs.filter((name) => {
    const path = join(root, folder, "runs", "sweep", name, "run.json");
    if (!existsSync(path)) return true;
    const { attempts, total_steps } = JSON.parse(readFileSync(path, "utf8"));
    const whole = attempts.filter(
      (one: Record<string, number>) => one["from_step"] === 0 && one["to_step"] === total_steps,
    );
    const toEnd = attempts.filter((one: Record<string, number>) => one["to_step"] === total_steps);
    return toEnd.length !== 1 || whole.length > 1;
  });
  check(`${what}: nothing was trained twice to the end`, twice.length === 0, twice.join());
}

const node = process.execPath;
const worker = (...more: string[]) =>
  [node, CONCORD, "worker", "--redis", redisUrl, "--lock", "3", ...more] as const;
const submit = (...more: string[]) =>
  [
    node,
    CONCORD,
    "run",
    "sweep.yaml",
    "--on",
    "queue",
    "--job",
    `redis=${redisUrl}`,
    ...more,
  ] as const;

function place(name: string): string {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "sweep.yaml"), CONFIG);
  return folder;
}

/** Whether a run has a checkpoint, or so many. */
const checkpoints = (runs: string): number =>
  existsSync(runs)
    ? readdirSync(runs, { recursive: true, encoding: "utf8" }).filter((path) =>
        /checkpoints\/step-\d+$/.test(path),
      ).length
    : 0;

const textOf = (log: string) => readFileSync(join(root, log), "utf8");

async function killAndClean(workers: readonly ChildProcess[]): Promise<void> {
  for (const one of workers) one.kill("SIGTERM");
  await Promise.all(workers.map(ended));
}

/** Workers that share a folder: one is killed, one is cut off, Redis is restarted. */
async function sharedFolder(machines: readonly (string | undefined)[]): Promise<void> {
  const cwd = place("shared");
  let redis = startRedis();
  await redisAnswers();
  const workers = machines.map((machine, i) =>
    start(machine, worker(), cwd, `shared-worker-${i}.log`),
  );
  const watcher = start(undefined, submit(), cwd, "shared-watch.log");
  const runs = join(cwd, "runs");
  await until("the first checkpoints", () => checkpoints(runs) >= machines.length);
  console.log("# kill -9 of a worker");
  workers[0]!.kill("SIGKILL");
  await until("the process of the killed worker is gone", () => {
    const pids = processesWith(join(runs, ".jobs")).map(({ pid }) => pid);
    return pids.length < machines.length;
  });
  check("the job of a killed worker notices and ends", true);
  if (!isShort) {
    await sleep(2000);
    console.log("# a link is cut for longer than locks last");
    setLink(machines[1]!, "down");
    await sleep(6000);
    setLink(machines[1]!, "up");
    console.log("# Redis is killed and restarted");
    redis.kill("SIGKILL");
    await ended(redis);
    await sleep(1000);
    redis = startRedis();
    await redisAnswers();
  }
  const code = await Promise.race([ended(watcher), sleep(900_000).then(() => "too long")]);
  check("shared folder: the sweep finishes", code === 0, `${code}\n${textOf("shared-watch.log")}`);
  compare("shared folder", "shared");
  const before = textOf("shared-worker-1.log").length;
  const again = start(undefined, submit("--resume"), cwd, "shared-again.log");
  check(
    "a sweep that is submitted again finishes at once",
    (await ended(again)) === 0,
    textOf("shared-again.log"),
  );
  check("and trains nothing", textOf("shared-worker-1.log").length === before);
  await killAndClean(workers.slice(1));
  const left = processesWith(root).filter(({ line }) => !line.includes("redis-server"));
  check("no process is left", left.length === 0, left.map(({ line }) => line).join());
  redis.kill("SIGTERM");
  await ended(redis);
}

/** Workers with nothing in common but a store: one has a full disk, the store refuses writes. */
async function objectStore(machines: readonly string[], store: S3Server): Promise<void> {
  const cwd = place("stored");
  const redis = startRedis();
  await redisAnswers();
  const small = join(root, "small");
  mkdirSync(small);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=300k", "tmpfs", small]);
  try {
    const folders = [small, join(root, "disk-1"), join(root, "disk-2")];
    const workers = machines.map((machine, i) => {
      const own = join(root, `home-${i}`);
      mkdirSync(own);
      return start(machine, worker("--folder", folders[i]!), own, `stored-worker-${i}.log`);
    });
    const watcher = start(
      undefined,
      submit("--job", "store=s3://lab/e2e", "--retries", "20"),
      cwd,
      "stored-watch.log",
    );
    await until("the first checkpoint in the store", () =>
      [...store.objects.values()].some((bytes) => bytes.includes("checkpoints/step-")),
    );
    console.log("# the store refuses writes");
    store.refuseWrites(8);
    await sleep(1000);
    console.log("# kill -9 of a worker");
    workers[2]!.kill("SIGKILL");
    const code = await Promise.race([ended(watcher), sleep(900_000).then(() => "too long")]);
    check("object store: the sweep finishes", code === 0, `${code}\n${textOf("stored-watch.log")}`);
    compare("object store", "stored");
    check(
      "the full disk was met",
      /disk is full/.test(textOf("stored-watch.log") + textOf("stored-worker-0.log")),
    );
    const printed = ["stored-watch.log", "stored-worker-0.log", "stored-worker-1.log"]
      .map(textOf)
      .join();
    check("no secret is printed", !/secret/.test(printed));
    await killAndClean(workers.slice(0, 2));
  } finally {
    execFileSync("umount", ["-l", small]);
  }
  redis.kill("SIGTERM");
  await ended(redis);
}

/** What a person did wrong is said in one line, before anything is submitted. */
async function badInput(store: S3Server | undefined): Promise<void> {
  const cwd = place("bad");
  const said = async (what: string, pattern: RegExp, command: readonly string[], extra = {}) => {
    const log = `bad-${what.replaceAll(" ", "-")}.log`;
    const code = await ended(start(undefined, command, cwd, log, extra));
    const lines = textOf(log)
      .trim()
      .split("\n")
      .filter((line) => !line.startsWith("warning:"));
    const isRight = code !== 0 && pattern.test(lines[0] ?? "") && lines.length <= 2;
    check(`bad input: ${what}`, isRight, `${code}: ${lines.join(" / ")}`);
  };
  await said("no Redis", /Redis at 127.0.0.1:6399 does not answer/, [
    node,
    CONCORD,
    "worker",
    "--redis",
    "redis://127.0.0.1:6399",
  ]);
  const redis = startRedis();
  await redisAnswers();
  execFileSync(
    "redis-cli",
    ["-h", host, "-p", String(PORT), "config", "set", "requirepass", "word"],
    { stdio: "ignore" },
  );
  await said("a password is missing", /asks for a password/, submit());
  const wrong = { CONCORD_REDIS: `redis://:wrong@${host}:${PORT}` };
  const plain = [node, CONCORD, "run", "sweep.yaml", "--on", "queue"];
  await said("a wrong password", /refuses the password/, plain, wrong);
  execFileSync(
    "redis-cli",
    ["-a", "word", "-h", host, "-p", String(PORT), "config", "set", "requirepass", ""],
    { stdio: "ignore" },
  );
  const other = JSON.stringify({ host: "n2", pid: 1, version: "0.0.1" });
  execFileSync(
    "redis-cli",
    ["-h", host, "-p", String(PORT), "set", "concord:concord:worker:n2:1", other],
    { stdio: "ignore" },
  );
  await said("a worker of another version", /worker on n2 .* has Concord 0.0.1; this is/, submit());
  execFileSync("redis-cli", ["-h", host, "-p", String(PORT), "flushall"], { stdio: "ignore" });
  if (store) {
    await said(
      "wrong keys of the store",
      /secret key is wrong/,
      submit("--job", "store=s3://lab/x"),
      { AWS_SECRET_ACCESS_KEY: "x" },
    );
    await said("no such bucket", /the bucket does not exist/, submit("--job", "store=s3://nope/x"));
  }
  check("and nothing was submitted", !existsSync(join(cwd, "runs", "sweep")));
  redis.kill("SIGTERM");
  await ended(redis);
}

const why = findProgram("redis-server", process.env["PATH"])
  ? isShort
    ? undefined
    : whyNoMachines()
  : "redis-server is not installed";
if (why !== undefined) {
  console.log(`skipped: queues: ${why}\n0 passed, 0 failed`);
  process.exit(0);
}
let store: S3Server | undefined;
try {
  const machines = isShort ? [undefined, undefined] : makeMachines(3);
  const cwd = place("reference");
  const reference = start(undefined, [node, CONCORD, "run", "sweep.yaml"], cwd, "reference.log");
  check("the undisturbed sweep finishes", (await ended(reference)) === 0, textOf("reference.log"));
  if (!process.argv.includes("--store")) await sharedFolder(machines);
  if (!isShort) {
    store = await startS3Server({ host, port: STORE_PORT });
    await objectStore(machines as string[], store);
    await badInput(store);
  }
  check("no zombies", zombies().length === 0);
} catch (error) {
  check("the test runs to its end", false, String(error));
} finally {
  for (const child of started) child.kill("SIGKILL");
  await store?.close();
  if (!isShort) removeMachines();
  if (failed === 0 && !process.argv.includes("--keep"))
    rmSync(root, { recursive: true, force: true });
  else console.log(`# kept: ${root}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
