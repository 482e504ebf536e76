import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { concord, filesBelow, startConcord, until } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const CONFIG = `
name: tiny
source: { kind: synthetic, d_in: 16, features: 16, groups: 2, active: 2, held_out_rows: 64 }
population: { members: 2, independent: 1, architecture: topk, d_sae: 32, k: 2, aux_k: { dead_after_tokens: 2000 } }
coupling: { weight: 0.5, warmup_steps: 10 }
training: { batch: 64, steps: 40, log_every: 5, checkpoint_every: 20 }
`;

function workplace(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "tiny.yaml"), CONFIG);
  return folder;
}

describe("runs and show", () => {
  test("tell of a run what its files tell", async () => {
    const folder = workplace();
    const run = await concord(["run", "tiny.yaml", "--json"], folder);
    expect(run.code).toBe(0);
    const results = JSON.parse(run.stdout);
    // A run whose process is gone, and one whose record is damaged.
    const record = JSON.parse(readFileSync(join(folder, "runs/tiny/run.json"), "utf8"));
    const gone = { ...record, name: "gone", status: "running" };
    gone.attempts = [{ ...record.attempts[0], pid: 2 ** 22 + 1, endedAt: undefined }];
    const [runs, json, show, text] = await Promise.all([
      concord(["runs"], folder),
      concord(["runs", "--json"], folder),
      concord(["show", "tiny", "--json"], folder),
      concord(["show", "tiny"], folder),
    ]);
    const [listed] = JSON.parse(json.stdout);
    expect(listed).toMatchObject({
      name: "tiny",
      folder: "runs/tiny",
      state: "finished",
      steps: 40,
      total_steps: 40,
      members: 3,
      pw_mcc: results.consistency.pw_mcc,
    });
    const fvus = results.evaluation.members.map((m: { metrics: { fvu: number } }) => m.metrics.fvu);
    // As sweeps and reports have it: the independent member is not counted.
    expect(listed.fvu).toBeCloseTo((fvus[0] + fvus[1]) / 2, 12);
    expect(runs.stdout).toMatch(/^name +status +steps +members +FVU +PW-MCC +null +when\n/);
    expect(runs.stdout).toMatch(
      /\ntiny +finished +40\/40 +3 +0\.\d+ +0\.\d+ +0\.\d+ +\d{4}-\d\d-\d\d \d\d:\d\d\n$/,
    );

    const details = JSON.parse(show.stdout);
    expect(details.evaluation).toEqual(results.evaluation);
    expect(details.config.coupling).toMatchObject({ kind: "mfr", weight: 0.5 });
    expect(details.files.map((f: { name: string }) => f.name)).toEqual(
      expect.arrayContaining(["checkpoints/", "config.yaml", "run.json", "saes/"]),
    );
    expect(details.record.planned.peak_memory_bytes).toBeGreaterThan(2 ** 25);
    expect(text.stdout).toMatch(/^runs\/tiny\nstatus +finished, 40\/40 steps, /);
    expect(text.stdout).toMatch(/\nmember-0 +independent-0 +0\.\d+ +0\.\d+ /);
    expect(text.stdout).toMatch(/\npeak memory +[\d.]+ MiB \(planned [\d.]+ MiB\)\n/);

    writeFileSync(join(folder, "runs/tiny/run.json"), JSON.stringify(gone));
    const killed = await concord(["runs", "--json"], folder);
    expect(JSON.parse(killed.stdout)[0]).toMatchObject({ name: "gone", state: "killed" });
    writeFileSync(join(folder, "runs/tiny/run.json"), "{");
    const damaged = await concord(["runs"], folder);
    expect(damaged.code).toBe(0);
    expect(damaged.stdout).toMatch(/\ntiny +unreadable/);
    expect(damaged.stdout).toMatch(/\ntiny: runs\/tiny\/run.json: not JSON: /);
  });

  test("say so where there are none", async () => {
    const folder = temporaryFolder();
    const [runs, elsewhere, json, show] = await Promise.all([
      concord(["runs"], folder),
      concord(["runs", "--root", "elsewhere"], folder),
      concord(["runs", "--json"], folder),
      concord(["show", "tiny"], folder),
    ]);
    expect(runs).toEqual({
      code: 0,
      stdout: "No runs in runs: concord run <config.yaml> makes one.\n",
      stderr: "",
    });
    expect(elsewhere).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "error: There is no folder elsewhere.\n  hint: Set --root to the folder that contains the runs, the runs_folder of their configs.\n",
    });
    expect(json).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
    expect(show).toEqual({
      code: 2,
      stdout: "",
      stderr:
        'error: There is no run "tiny" in runs.\n  hint: No runs yet: concord run <config.yaml>\n',
    });
    writeFileSync(join(folder, "file"), "");
    expect(await concord(["runs", "--root", "file"], folder)).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "error: Cannot list file: a part of the path is not a folder (ENOTDIR).\n  hint: Check the path.\n",
    });
  });
});

describe("run", () => {
  test("takes one config file", async () => {
    const { code, stderr } = await concord(
      ["run", "a.yaml", "--config", "b.yaml"],
      temporaryFolder(),
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: Expected one config file but received a\.yaml and b\.yaml\.\n/);
  });

  test("interrupted and resumed, it ends with the bytes of a run that was not", async () => {
    const folder = workplace();
    const steps = ["--set", "training.steps=400"];
    const whole = concord(["run", "tiny.yaml", ...steps, "--name", "whole"], folder);
    const { child, ended } = startConcord(
      ["run", "tiny.yaml", ...steps, "--name", "stopped"],
      folder,
    );
    const log = join(folder, "runs/stopped/metrics.jsonl");
    await until(
      "ten lines were logged",
      () => existsSync(log) && readFileSync(log, "utf8").split("\n").length > 10,
    );
    child.kill("SIGINT");
    const stopped = await ended;
    expect(stopped.stderr).toMatch(
      /error: Interrupted after step \d+ of 400\.\n {2}hint: Everything so far is in a checkpoint: run the same command with --resume\.\n$/,
    );
    expect(stopped.code).toBe(130);
    const again = ["run", "tiny.yaml", ...steps, "--name", "stopped"];
    const conflict = await concord(again, folder);
    expect(conflict.code).toBe(2);
    expect(conflict.stderr).toContain("error: The run runs/stopped exists already.\n  hint: ");
    expect((await concord([...again, "--resume"], folder)).code).toBe(0);
    expect((await whole).code).toBe(0);
    // What names the run, or says when and where it ran.
    const machine = /^(run\.json|timings\.jsonl|config\.yaml|report\.html|summary\.json)$/;
    const files = filesBelow(join(folder, "runs/stopped"), machine);
    expect([...files.keys()]).toEqual(
      expect.arrayContaining([
        "metrics.jsonl",
        "results/evaluation.json",
        "saes/member-0/cfg.json",
      ]),
    );
    expect(files).toEqual(filesBelow(join(folder, "runs/whole"), machine));
  }, 240_000);

  test("a config with a mistake is answered with file, line and key", async () => {
    const folder = workplace();
    writeFileSync(join(folder, "wrong.yaml"), CONFIG.replace("log_every", "log_evry"));
    const [wrong, missing] = await Promise.all([
      concord(["run", "wrong.yaml"], folder),
      concord(["run", "nowhere.yaml"], folder),
    ]);
    expect(wrong).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "error: wrong.yaml:6: unknown key training.log_evry.\n  hint: concord schema prints every key there is.\n",
    });
    expect(missing.code).toBe(2);
    expect(missing.stderr).toMatch(/^error: Cannot read nowhere.yaml: there is no such file.\n/);
  });
});
