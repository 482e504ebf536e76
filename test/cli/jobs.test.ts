import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { concord, filesBelow } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const CONFIG = `
name: grid
source: { kind: synthetic, d_in: 8, features: 16, groups: 2, active: 2, held_out_rows: 64 }
population: { members: 2, d_sae: 16, k: 2 }
training: { batch: 32, steps: 4 }
sweep: { seed: [0, 1, 2] }
`;

/** What depends on machines and moments, and what jobs leave. */
const OF_THE_MOMENT = /run\.json$|timings\.jsonl$|report\.html$|^\.jobs\/|\/claims\//;

const STUDY = `export default {
  title: "Which k?",
  question: "Which k?",
  config: "base.yaml",
  seeds: [1, 2],
  arms: { two: { title: "k 2" }, four: { title: "k 4", settings: ["population.k=4"] } },
  measures: ["fvu"],
};
`;

function workplace(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "grid.yaml"), CONFIG);
  return folder;
}

test("a sweep by jobs is the sweep without them, on standard output too", async () => {
  const [alone, fanned] = [workplace(), workplace()];
  const first = await concord(["run", "grid.yaml", "--on", "local", "--dry-run"], fanned);
  expect(first.stdout).toMatch(/^grid\/seed=1 +\d+ MiB +\d+s$/m);
  expect(first.stdout).toMatch(/^At most \d+ at a time, because of \w+; each on /m);
  expect(filesBelow(join(fanned, "runs"))).toEqual(new Map());
  const [plain, jobs] = await Promise.all([
    concord(["run", "grid.yaml"], alone),
    concord(["run", "grid.yaml", "--on", "local", "--jobs", "2"], fanned),
  ]);
  expect([plain.code, jobs.code]).toEqual([0, 0]);
  expect(jobs.stdout).toBe(plain.stdout);
  const files = (folder: string) => filesBelow(join(folder, "runs"), OF_THE_MOMENT);
  expect(files(fanned)).toEqual(files(alone));
  const { attempts } = JSON.parse(readFileSync(join(fanned, "runs/grid/seed=1/run.json"), "utf8"));
  expect(attempts).toHaveLength(1);
  const list = await concord(["jobs", "list"], fanned);
  expect(list.stdout).toMatch(/^grid +local +finished +3\/3 +0 /m);
  const watched = await concord(["jobs", "watch", "grid", "--json"], fanned);
  expect(JSON.parse(watched.stdout)).toHaveLength(3);
  const cancelled = await concord(["jobs", "cancel", "grid", "--json"], fanned);
  expect(JSON.parse(cancelled.stdout)).toEqual({ name: "grid", state: "ended", cancelled: 0 });
}, 240_000);

test("a study by jobs has the numbers of one without", async () => {
  const numbers = async (options: string[]) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "base.yaml"), CONFIG.replace(/sweep: .*\n/, ""));
    writeFileSync(join(folder, "study.mjs"), STUDY);
    const { code, stderr } = await concord(["study", "run", "study.mjs", ...options], folder);
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    return JSON.parse(readFileSync(join(folder, "numbers.json"), "utf8"));
  };
  const jobs = ["--on", "local", "--jobs", "2"];
  const [plain, fanned] = await Promise.all([numbers([]), numbers(jobs)]);
  expect(fanned.runs).toEqual(plain.runs);
}, 240_000);

test("what cannot be handed out is said in one line, and nothing is written", async () => {
  const folder = workplace();
  const bad = async (args: string[], env = {}) => {
    const { code, stderr } = await concord(["run", "grid.yaml", ...args], folder, env);
    expect(code).not.toBe(0);
    return stderr;
  };
  writeFileSync(join(folder, "cluster.yaml"), "slurm: { partition: long, tyme: 3 }\n");
  const [jobs, on, programs, key, dry, missing] = await Promise.all([
    bad(["--on", "local", "--jobs", "0"]),
    bad(["--on", "cloud"]),
    bad(["--on", "slurm", "--cluster", "/dev/null"], { PATH: folder }),
    bad(["--on", "slurm"]),
    bad(["--dry-run"]),
    bad(["--on", "slurm", "--cluster", "none.yaml"]),
  ]);
  expect(jobs).toContain("Expected a positive integer.");
  expect(on).toContain("Allowed choices are local, slurm");
  expect(programs).toContain(
    "error: There is no sbatch on the PATH.\n  hint: Use --on slurm where",
  );
  expect(key).toContain("error: cluster.yaml: slurm.tyme: unknown key.\n");
  expect(dry).toContain("--dry-run shows what --on would hand out.");
  expect(missing).toContain("none.yaml");
  expect(filesBelow(join(folder, "runs"), /^\.jobs\//)).toEqual(new Map());
}, 240_000);
