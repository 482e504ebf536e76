/**
 * Two processes that want one run: one gets it, and what lies in its folder is of one config alone.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { takeWriterLock } from "../../src/formats/writer-lock.ts";
import { announceSkip } from "../support/announce-skip.ts";
import { concord, startConcord, until } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { tinyRuns } from "../support/tiny-run.ts";

test("nothing is written before the lock is taken", async () => {
  const folder = temporaryFolder();
  const run = join(folder, "tiny");
  mkdirSync(run);
  const lock = await takeWriterLock(run);
  await expect(tinyRuns(folder)).rejects.toMatchObject({ code: "run/conflict" });
  await expect(
    tinyRuns(folder, [], undefined, undefined, true),
    "with --resume",
  ).rejects.toMatchObject({ code: "run/conflict" });
  expect(readdirSync(run)).toEqual(["writer.lock"]);
  await lock.release();
});

const MAIN = resolve(import.meta.dirname, "../../dist/cli/main.js");

const CONFIG = `
name: both
source: { kind: synthetic, d_in: 8, features: 8, groups: 2, active: 2, held_out_rows: 64 }
population: { d_sae: 8, k: 2 }
training: { batch: 16, steps: 3, log_every: 1, checkpoint_every: 100000 }
`;

const TRIALS = 8;

test("of two runs started together under one name, one trains, and its config lies beside its results", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "both.yaml"), CONFIG);
  for (let trial = 0; trial < TRIALS; trial++) {
    const rates = [0.001, 0.002];
    const ends = await Promise.all(
      rates.map((lr) => {
        const settings = ["--set", `population.lr=${lr}`, "--name", `trial-${trial}`];
        return startConcord(["run", "both.yaml", ...settings], folder).ended;
      }),
    );
    expect(ends.map(({ code }) => code).sort()).toEqual([0, 2]);
    const run = join(folder, "runs", `trial-${trial}`);
    const config = parse(readFileSync(join(run, "config.yaml"), "utf8"));
    const [line] = readFileSync(join(run, "metrics.jsonl"), "utf8").split("\n");
    const trained = JSON.parse(line!).members["member-0"].lr;
    expect(config.population.lr).toBe(trained);
    expect(rates[ends.findIndex(({ code }) => code === 0)]).toBe(trained);
    const record = JSON.parse(readFileSync(join(run, "run.json"), "utf8"));
    expect(record.attempts).toHaveLength(1);
    expect(ends.find(({ code }) => code === 2)!.stderr).toMatch(
      /^error: (The run \S+ exists already|\S+ is being written by process \d+ on \S+)\.\n {2}hint: /,
    );
  }
}, 240_000);

test("a run that was killed goes on, though its process is a zombie that nobody waits for", async ({
  skip,
}) => {
  const reason = existsSync("/proc/self/stat") ? undefined : "this system has no /proc";
  if (announceSkip("a zombie's lock", reason)) skip();
  const folder = temporaryFolder();
  writeFileSync(join(folder, "both.yaml"), CONFIG);
  const args = ["run", "both.yaml", "--set", "training.steps=200"];
  const endless = `"$0" "$1" run both.yaml --set training.steps=100000 & echo $!; exec sleep 300`;
  const parent = spawn("sh", ["-c", endless, process.execPath, MAIN], {
    cwd: folder,
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => void parent.kill("SIGKILL"));
  const pid = await new Promise<number>((settle) =>
    parent.stdout.once("data", (text) => settle(Number(text))),
  );
  const run = join(folder, "runs/both");
  await until("it trains", () => existsSync(join(run, "metrics.jsonl")));
  process.kill(pid, "SIGKILL");
  await until("it is a zombie", () => readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z "));
  const listed = await concord(["runs", "--json"], folder);
  expect(JSON.parse(listed.stdout)[0].state).toBe("killed");
  // The run that goes on is shorter, and begins anew: no checkpoint was written.
  const config = readFileSync(join(run, "config.yaml"), "utf8");
  writeFileSync(join(run, "config.yaml"), config.replace("steps: 100000", "steps: 200"));
  const resumed = await concord([...args, "--resume"], folder);
  expect(resumed.code, resumed.stderr).toBe(0);
}, 120_000);
