/** Killed with SIGKILL at any moment, a run that is resumed ends with the bytes of a run that was never killed. */
import { type ChildProcess, spawn } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { randomStream, uniformAt } from "../../src/tensor/philox.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "concord-kill-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const config = `
name: victim
source: { kind: synthetic, generator: mfr, d_in: 24, features: 48, groups: 3, active: 4, support: per_batch_group, generation_batch: 1000, held_out_rows: 500 }
population:
  members: 2
  independent: 1
  architecture: topk
  d_sae: 48
  k: 4
  lr: 0.003
  warmup_steps: 20
  decay_fraction: 0.2
  aux_k: { dead_after_tokens: 2000 }
coupling: { weight: 1 }
reinitialise: { target: calibrated, threshold: 6, cool_down_steps: 30 }
training: { batch: 128, steps: 2000, log_every: 10, checkpoint_every: 25, keep_checkpoints: 2 }
`;

function start(root: string, resume: boolean): ChildProcess {
  const args = [
    "--import",
    "tsx",
    join(ROOT, "src/cli/main.ts"),
    "run",
    join(folder, "victim.yaml"),
  ];
  args.push("--set", `runs_folder=${root}`, "--json", ...(resume ? ["--resume"] : []));
  return spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
}

/** Resolves with the exit code, or null when it was killed. */
function ended(child: ChildProcess): Promise<{ code: number | null; error: string }> {
  let error = "";
  child.stderr!.on("data", (piece) => {
    error += String(piece);
  });
  child.stdout!.resume();
  return new Promise((done) => child.on("close", (code) => done({ code, error })));
}

/** Every file of the run that must not depend on interruptions, with its bytes. */
function outcome(run: string): Record<string, string> {
  const files: Record<string, string> = {};
  const visit = (path: string) => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const full = join(path, entry.name);
      if (entry.isDirectory()) visit(full);
      else files[relative(run, full)] = readFileSync(full).toString("base64");
    }
  };
  visit(run);
  // The moment and the machine; the report shows both.
  for (const name of ["run.json", "timings.jsonl", "report.html"]) delete files[name];
  return files;
}

const KILLS = 8;

test("whenever it is killed", async () => {
  writeFileSync(join(folder, "victim.yaml"), config);
  const whole = join(folder, "whole");
  expect(await ended(start(whole, false))).toMatchObject({ code: 0 });
  const logged = statSync(join(whole, "victim", "metrics.jsonl")).size;

  const killed = join(folder, "killed");
  const log = join(killed, "victim", "metrics.jsonl");
  const size = () => (existsSync(log) ? statSync(log).size : 0);
  const random = randomStream(1, "kill");
  let kills = 0;
  for (let attempt = 0; attempt < 60; attempt++) {
    const before = size();
    const child = start(killed, attempt > 0);
    const end = ended(child);
    // Killed after a random share of the whole run, and a random moment later: in the middle of whatever it does then.
    const share = before + (uniformAt(random, 2 * attempt) * logged) / KILLS;
    const jitter = uniformAt(random, 2 * attempt + 1) * 40;
    const watch = setInterval(() => {
      if (attempt < KILLS && size() > share) setTimeout(() => child.kill("SIGKILL"), jitter);
    }, 3);
    const { code, error } = await end;
    clearInterval(watch);
    if (code === 0) break;
    expect(code, error).toBeNull();
    kills++;
  }
  expect(kills).toBeGreaterThanOrEqual(KILLS / 2);
  expect(existsSync(join(killed, "victim", "results", "consistency.json"))).toBe(true);
  const [expected, received] = [outcome(join(whole, "victim")), outcome(join(killed, "victim"))];
  // config.yaml names the runs folder, which differs on purpose.
  delete expected["config.yaml"];
  delete received["config.yaml"];
  expect(Object.keys(received).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, bytes] of Object.entries(expected))
    expect(received[name] === bytes, name).toBe(true);
}, 240_000);
