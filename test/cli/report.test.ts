import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { concord } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const CONFIG = `
name: tiny
source: { kind: synthetic, d_in: 8, features: 8, groups: 2, active: 2, held_out_rows: 64 }
population: { members: 2, d_sae: 16, k: 2 }
training: { batch: 32, steps: 3 }
`;

test("a sweep ends with the paths of its reports, and concord report writes them again", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "tiny.yaml"), CONFIG);
  const run = await concord(["run", "tiny.yaml", "--set", "seed=[0,1]"], folder);
  expect(run.code).toBe(0);
  const pages = ["tiny/seed=0", "tiny/seed=1", "tiny"].map((name) => `runs/${name}/report.html`);
  for (const page of pages) expect(run.stdout).toContain(`${page}\n`);
  const before = pages.map((page) => readFileSync(join(folder, page), "utf8"));
  for (const page of pages) rmSync(join(folder, page));
  rmSync(join(folder, "runs/tiny/summary.json"));

  const again = await concord(["report", "tiny", "--json"], folder);
  expect(again).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(again.stdout)).toEqual(pages);
  expect(pages.map((page) => readFileSync(join(folder, page), "utf8"))).toEqual(before);
  expect(existsSync(join(folder, "runs/tiny/summary.json"))).toBe(true);

  const missing = await concord(["report", "nothing"], folder);
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain('error: There is no run "nothing" in runs.');
});

test("a run that fails leaves a report that says why; one that is in the way is left alone", async () => {
  const folder = temporaryFolder();
  const text = CONFIG.replace("d_in: 8,", "d_in: 8, noise: 1e30,").replace("steps: 3", "steps: 50");
  writeFileSync(join(folder, "tiny.yaml"), text);
  const run = await concord(["run", "tiny.yaml"], folder);
  const page = join(folder, "runs/tiny/report.html");
  if (run.code === 0) throw new Error(`It was to fail: ${run.stdout}`);
  expect(readFileSync(page, "utf8")).toContain("This run failed");
  writeFileSync(page, "mine");
  const again = await concord(["run", "tiny.yaml"], folder);
  expect(again.stderr).toContain("exists already");
  expect(readFileSync(page, "utf8")).toBe("mine");
});

test("a run of a sweep that diverges is named, the others are made, and the sweep ends with 1", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "tiny.yaml"), CONFIG.replace("steps: 3", "steps: 50"));
  const args = ["run", "tiny.yaml", "--set", "source.noise=[1e30, 0]"];
  const { code, stdout, stderr } = await concord(args, folder);
  expect(code).toBe(1);
  expect(stderr).toMatch(/\nerror: tiny\/source\.noise=1e\S+: Step \d+, .+\n/);
  expect(stderr).toMatch(
    /\nerror: 1 of 2 runs failed; the first was tiny\/source\.noise=1e\S+: Step .+\n {2}hint: The others are finished; their numbers are above\.\n$/,
  );
  expect(stdout).toMatch(/\nsource\.noise +seeds [^\n]*\n[─ ]+\n *0 +2 +\d+\.\d+ /);
  expect(stdout).toMatch(/\nruns\/tiny\/report\.html\n$/);
});

test("a sweep that is asked for again goes on, and what has finished is not made again", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "tiny.yaml"), CONFIG);
  const args = ["run", "tiny.yaml", "--set", "seed=[0, 1]", "--resume"];
  const first = await concord(args, folder);
  const again = await concord(args, folder);
  expect([first.code, again.code]).toEqual([0, 0]);
  expect(again.stderr).toBe(
    "runs/tiny/seed=0: finished already\nruns/tiny/seed=1: finished already\n",
  );
  expect(again.stdout).toBe(first.stdout);
});

test("concord report --static writes the page of a run, and of all runs of a sweep", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "tiny.yaml"), CONFIG);
  const run = await concord(["run", "tiny.yaml", "--set", "seed=[0,1]"], folder);
  expect(run.code).toBe(0);
  const one = await concord(["report", "tiny/seed=0", "--static"], folder);
  expect(one).toMatchObject({ code: 0, stderr: "" });
  expect(one.stdout).toMatch(
    /^runs\/tiny\/seed=0\/page\/index\.html \([\d.]+ MiB of data, \d+ latents\)\n$/,
  );
  const all = await concord(["report", "tiny", "--static", "--json"], folder);
  expect(JSON.parse(all.stdout)).toEqual(["runs/tiny/page/index.html"]);
  // What a browser would be told by data/index.js.
  const index = (page: string) =>
    JSON.parse(
      readFileSync(join(folder, "runs", page, "page/data/index.js"), "utf8")
        .replace(/^globalThis\.concordIndex=/, "")
        .replace(/;\n$/, ""),
    ) as { answers: Record<string, string>; failures: Record<string, { code: string }> };
  expect(Object.keys(index("tiny/seed=0").answers)).toContain("run?name=seed%3D0");
  const { answers, failures } = index("tiny");
  for (const seed of ["tiny%2Fseed%3D0", "tiny%2Fseed%3D1"]) {
    expect(Object.keys(answers)).toContain(`agreement?name=${seed}`);
    expect(failures[`features?name=${seed}`]!.code).toBe("features/missing");
  }
  for (const file of Object.values(answers))
    expect(existsSync(join(folder, "runs/tiny/page/data", file)), file).toBe(true);
});
