import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { concord } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const CONFIG = `
name: grid
source: { kind: synthetic, d_in: 8, features: 16, groups: 2, active: 2, held_out_rows: 64 }
population: { members: 2, d_sae: 16, k: [1, 4] }
training: { batch: 32, steps: 4 }
`;

function workplace(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "grid.yaml"), CONFIG);
  return folder;
}

const LEFT_OUT =
  "PW-MCC and other means are taken within each setting; they leave out 4 pairs of members with different settings.";

test("a population of several settings is never averaged over: run, show, runs", async () => {
  const folder = workplace();
  const run = await concord(["run", "grid.yaml"], folder);
  expect(run.code).toBe(0);
  expect(run.stderr).toContain(`\nwarning: ${LEFT_OUT}\n`);
  const [show, runs, json, runJson] = await Promise.all([
    concord(["show", "grid"], folder),
    concord(["runs"], folder),
    concord(["show", "grid", "--json"], folder),
    concord(["run", "grid.yaml", "--resume", "--json"], folder),
  ]);
  for (const { stdout } of [run, show]) {
    expect(stdout).toMatch(/\nmember +architecture +k +seed +FVU /);
    expect(stdout).toMatch(/\nmember-1 +topk +1 +1 +\d/);
    expect(stdout).toMatch(/\nmember-2 +topk +4 +0 +\d/);
    expect(stdout).toMatch(/\nk +seeds +FVU .*PW-MCC +null/);
    expect(stdout).toMatch(/\n1 +2 +\d\.\d+ ± \d/);
    expect(stdout).toMatch(/\n4 +2 +\d\.\d+ ± \d\.\d+ \* /);
    // No one number for all of them.
    expect(stdout).not.toMatch(/^PW-MCC \d/m);
  }
  expect(show.stdout).toContain(LEFT_OUT);
  expect(runs.stdout).toMatch(/\ngrid +finished +4\/4 +4 +2 +\d\.\d+ to \d\.\d+ /);
  const { consistency, settings } = JSON.parse(json.stdout);
  expect(consistency).not.toHaveProperty("pw_mcc");
  expect(consistency.pw_mcc_by_setting).toHaveLength(2);
  expect(settings.map((cell: { axes: object }) => cell.axes)).toEqual([
    { "population.k": 1 },
    { "population.k": 4 },
  ]);
  expect(runJson.stderr).toContain(`warning: ${LEFT_OUT}\n`);
  expect(JSON.parse(runJson.stdout).consistency).toEqual(consistency);
}, 240_000);

test("a sweep is shown by its name, by how names begin, and by its path, with a row for every setting", async () => {
  const folder = workplace();
  const sweep = ["--set", "population.k=4", "--set", "sweep.population.lr=[0.01, 0.001]"];
  const run = await concord(["run", "grid.yaml", ...sweep, "--set", "seed=[0, 1, 2]"], folder);
  expect(run.code).toBe(0);
  const table =
    /\n *lr +seeds +FVU [^\n]*\n[─ ]+\n *0\.001 +3 +\d[^\n]*\n *0\.01 +3 +\d\.\d+ ± \d\.\d+ \* [^\n]*\n/;
  expect(run.stdout).toMatch(table);
  const [byName, byPrefix, byPath, part, one, json, none] = await Promise.all([
    concord(["show", "grid"], folder),
    concord(["show", "gr"], folder),
    concord(["show", "runs/grid"], folder),
    concord(["show", "grid/seed=1"], folder),
    concord(["show", "grid/seed=1.population.lr=0.01"], folder),
    concord(["show", "grid", "--json"], folder),
    concord(["show", "grod"], folder),
  ]);
  for (const { code, stdout } of [byName, byPrefix, byPath]) {
    expect(code).toBe(0);
    expect(stdout).toContain("\n6 of 6 runs finished\n");
    expect(stdout).toMatch(table);
    expect(stdout).toMatch(/\ngrid\/seed=2\.population\.lr=0\.001 +finished /);
  }
  expect(part.stdout).toContain("\n2 of 2 runs finished\n");
  expect(one.stdout).toMatch(/^runs\/grid\/seed=1\.population\.lr=0\.01\nstatus /);
  const { summary, runs } = JSON.parse(json.stdout);
  expect(runs).toHaveLength(6);
  expect(summary.cells.map((c: { seeds: number }) => c.seeds)).toEqual([3, 3]);
  expect(none.code).not.toBe(0);
  expect(none.stderr).toContain('There is no run "grod"');
}, 240_000);

test("runs are sorted, filtered and given columns, in JSON too", async () => {
  const folder = workplace();
  const names = ["--set", "sweep.population.k=[1, 4, 8]", "--set", "seed=[0, 1]"];
  expect((await concord(["run", "grid.yaml", ...names], folder)).code).toBe(0);
  const list = async (...args: string[]) => {
    const { code, stdout, stderr } = await concord(["runs", "--json", ...args], folder);
    expect([code, stderr]).toEqual([0, ""]);
    return JSON.parse(stdout) as { name: string; fvu: number; columns?: object }[];
  };
  const [up, down, four, text] = await Promise.all([
    list("--sort", "fvu"),
    list("--sort", "-k", "--columns", "k,seed,l0"),
    list("--filter", "k=4", "--filter", "seed!=0", "--status", "finished,running"),
    concord(["runs", "--filter", "l0<5", "--sort", "k", "--columns", "k, lr"], folder),
  ]);
  expect(up).toHaveLength(6);
  expect(up.map((r) => r.fvu)).toEqual(up.map((r) => r.fvu).toSorted((a, b) => a - b));
  expect(down.map((r) => r.columns)).toMatchObject(
    [8, 4, 1].flatMap((k) => [0, 1].map((seed) => ({ k, seed }))),
  );
  expect(four.map((r) => r.name)).toEqual(["grid/seed=1.population.k=4"]);
  expect(text.stdout).toMatch(/^name +status +k +lr +steps /);
  expect(text.stdout.match(/^grid\S+/gm)).toEqual(
    [1, 4].flatMap((k) => [0, 1].map((seed) => `grid/seed=${seed}.population.k=${k}`)),
  );

  expect(await concord(["runs", "--columns", "k,fuv"], folder)).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringMatching(/^error: Runs have no key fuv\.\n {2}hint: Facts: /),
  });
}, 240_000);
