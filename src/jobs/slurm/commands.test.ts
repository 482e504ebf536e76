import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { type Ask, parseAccounting, parseJobs, parseQueue, refusal } from "./commands.ts";
import { probeNode } from "./probe-node.ts";
import { quoted, slurmScript } from "./script.ts";
import { slurmSchema } from "./settings.ts";

const PLACE = { token: "0123456789", name: "grid", folder: "/shared/runs/.jobs/grid" };

test("what Slurm's programs print is read", () => {
  expect(parseQueue("12|3|PENDING|Priority\n12|4|RUNNING|None\n\n")).toEqual([
    { task: "12_3", state: "PENDING", reason: "Priority" },
    { task: "12_4", state: "RUNNING", reason: "None" },
  ]);
  const kept = parseAccounting(
    "12_3|CANCELLED by 0|0:0|n1\n12_4|FAILED|66:0|n2\n12_[5-9]|PENDING|0:0|None assigned\n",
  );
  expect(kept.get("12_3")).toEqual({ state: "CANCELLED", exitCode: 0, node: "n1" });
  expect(kept.get("12_4")).toEqual({ state: "FAILED", exitCode: 66, node: "n2" });
  const shown = parseJobs(
    "JobId=13 ArrayJobId=12 ArrayTaskId=3 JobName=x\n   JobState=NODE_FAIL Reason=NodeDown\n   ExitCode=0:1 NodeList=n2\n\nJobId=14 JobState=RUNNING\n",
  );
  expect([...shown]).toEqual([["12_3", { state: "NODE_FAIL", exitCode: 0, node: "n2" }]]);
});

test("a refusal is one line, and clocks that are apart are named", () => {
  const answer = (stderr: string) => ({ code: 1, stdout: "", stderr });
  const time = answer(
    "sbatch: error: Batch job submission failed: Requested time limit is invalid\n",
  );
  expect(refusal("Slurm took no jobs", time).message).toBe(
    "Slurm took no jobs: Batch job submission failed: Requested time limit is invalid",
  );
  const clock = refusal(
    "Slurm does not answer",
    answer("munge: Munge decode failed: Expired credential\n"),
  );
  expect(clock.message).toContain("the clocks of the cluster are apart");
});

test("the script has what was set, and nothing of a name is a command", () => {
  const settings = slurmSchema.parse({
    partition: "long",
    time: 90,
    modules: ["node/20"],
    container: "/images/concord image.sif",
    lines: "#SBATCH --constraint=avx512",
  });
  const array = { number: 2, jobs: 6, atOnce: 3, memory: "192M" };
  const script = slurmScript(PLACE, settings, array, ["/opt/node", "it's.js"], "/home/$me");
  for (const line of [
    "#SBATCH --job-name=concord-01234567-2",
    "#SBATCH --array=0-5%3",
    "#SBATCH --mem=192M",
    "#SBATCH --partition=long",
    "#SBATCH --time=90",
    "#SBATCH --signal=B:USR1@120",
    "#SBATCH --constraint=avx512",
    "module load node/20",
    "cd '/home/$me'",
    "apptainer exec '/images/concord image.sif' /opt/node 'it'\\''s.js' jobs work \"$file\" --submission \"$submission\" &",
  ])
    expect(script.split("\n")).toContain(line);
  expect(script).not.toContain("--account");
  expect(quoted("a b; rm")).toBe("'a b; rm'");
  expect(spawnSync("bash", ["-n"], { input: script }).status).toBe(0);
});

/** Runs the script of one job whose Concord is `program`. */
function runScript(program: string, marker = PLACE.token) {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "arrays"));
  writeFileSync(join(folder, "marker"), marker);
  writeFileSync(join(folder, "arrays/1.txt"), "4 /jobs/0001.json\n7 /jobs/0002.json\n");
  writeFileSync(join(folder, "concord"), `#!/bin/bash\n${program}\n`, { mode: 0o755 });
  // It stands for the program that would queue the job again.
  writeFileSync(join(folder, "scontrol"), '#!/bin/bash\necho "$@"\n', { mode: 0o755 });
  const settings = slurmSchema.parse({ program: join(folder, "concord") });
  const array = { number: 1, jobs: 2, atOnce: undefined, memory: undefined };
  const script = slurmScript({ ...PLACE, folder }, settings, array, [], folder);
  const env = {
    PATH: `${folder}:${process.env["PATH"]}`,
    SLURM_ARRAY_TASK_ID: "1",
    SLURM_ARRAY_JOB_ID: "12",
  };
  return spawnSync("bash", { input: script, env, encoding: "utf8" });
}

test("a job does the line of its array, and ends with its code", () => {
  const { status, stdout } = runScript('echo "$@"; exit 75');
  expect([status, stdout]).toEqual([75, "jobs work /jobs/0002.json --submission 7\n"]);
});

test("before its time limit a job writes a checkpoint and is queued again", () => {
  const stops =
    'trap "echo checkpoint; exit 130" TERM; kill -USR1 $PPID; while :; do sleep 0.05; done';
  const { status, stdout } = runScript(stops);
  expect([status, stdout]).toEqual([130, "checkpoint\nrequeue 12_1\n"]);
  // One that Slurm itself stops is not.
  const ended = runScript(stops.replace("USR1", "TERM"));
  expect([ended.status, ended.stdout]).toEqual([130, "checkpoint\n"]);
});

test("a node that does not see the folder says so before it starts anything", () => {
  const { status, stdout, stderr } = runScript("echo started", "another");
  expect([status, stdout]).toEqual([66, ""]);
  expect(stderr).toContain("does not see the folder of the jobs");
});

test("a node is asked whether it sees the folder, and what time it is", async () => {
  const now = () => new Date(1000_000);
  const probe = (stdout: string) => {
    const ask: Ask = async () => ({ code: 0, stdout, stderr: "" });
    return probeNode(ask, PLACE, { seconds: 5, options: [], now });
  };
  expect(await probe("probed n1 1003 0123456789\n")).toBeUndefined();
  expect(await probe("")).toContain("no node was free within 5 s");
  await expect(probe("probed n1 1003 \n")).rejects.toThrow(
    "The node n1 does not see /shared/runs/.jobs/grid.",
  );
  await expect(probe("probed n1 700 0123456789\n")).rejects.toThrow(
    "The clock of the node n1 is 300 s behind this machine's.",
  );
});
