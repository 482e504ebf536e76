import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { findRuns, findSweep } from "./find-runs.ts";
import { bytesBelow } from "./folder-size.ts";
import { findRun, listRuns, RunFolder } from "./run-folder.ts";

/** Folders below `root` that look like runs. */
function place(...names: string[]): string {
  const root = temporaryFolder();
  for (const name of names) {
    mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, name, "run.json"), "{}");
  }
  return root;
}

const names = (runs: readonly RunFolder[], root: string) =>
  runs.map(({ path }) => path.slice(root.length + 1));

test("runs are listed by path, those of sweeps and of studies too, but none within a run", async () => {
  const root = place("b", "a/seed=1", "a/seed=0", "study/arm/seed=1", "b/inside", "a/b/c/d/deep");
  expect(names(await listRuns(root), root)).toEqual([
    "a/seed=0",
    "a/seed=1",
    "b",
    "study/arm/seed=1",
  ]);
  expect(await listRuns(join(root, "nowhere"))).toEqual([]);
});

test("a run is found by its name or its path; a sweep, or nothing, names the runs there are", async () => {
  const root = place("a/seed=0", "b");
  expect((await findRun(root, "b")).path).toBe(join(root, "b"));
  expect((await findRun("elsewhere", join(root, "b"))).path).toBe(join(root, "b"));
  await expect(findRun(root, "a")).rejects.toMatchObject({
    code: "file/missing",
    message: expect.stringContaining("is a sweep, not a run"),
    hint: "Name one of its runs: a/seed=0",
  });
  await expect(findRun(root, "c")).rejects.toMatchObject({ hint: "Runs: a/seed=0, b" });
  await expect(findRun(temporaryFolder(), "c")).rejects.toMatchObject({
    hint: "No runs yet: concord run <config.yaml>",
  });
});

test("a sweep is a folder with runs in it, and no run itself", async () => {
  const root = place("a/seed=0", "a/seed=1", "b");
  expect((await findSweep(root, "a"))!.runs).toHaveLength(2);
  expect(await findSweep(root, "b")).toBeUndefined();
  expect(await findSweep(root, "c")).toBeUndefined();
});

test("a name stands for a run, a sweep, or all runs that begin with it", async () => {
  const root = place("a/seed=0", "a/seed=1", "b", "mfr-1", "mfr-2");
  expect(await findRuns(root, "b")).toEqual({ run: new RunFolder(join(root, "b")) });
  expect(await findRuns(root, "a")).toMatchObject({ sweep: { path: join(root, "a") } });
  const begun = await findRuns(root, "mfr");
  expect("sweep" in begun && names(begun.sweep.runs, root)).toEqual(["mfr-1", "mfr-2"]);
  expect(await findRuns(root, "mfr-2")).toEqual({ run: new RunFolder(join(root, "mfr-2")) });
  expect(await findRuns(root, "a/seed=1")).toEqual({ run: new RunFolder(join(root, "a/seed=1")) });
  await expect(findRuns(root, "zebra")).rejects.toThrow('There is no run "zebra"');
});

test("JSON is read as it was written; damage and absence are said with the path", async () => {
  const folder = new RunFolder(temporaryFolder());
  await folder.makeFolder("results");
  await folder.writeJson("results/x.json", { b: 1, a: [2] });
  expect(readFileSync(folder.file("results", "x.json"), "utf8")).toBe(
    '{\n  "b": 1,\n  "a": [\n    2\n  ]\n}\n',
  );
  expect(await folder.readJson("results/x.json")).toEqual({ b: 1, a: [2] });
  await folder.writeText("y.json", "{");
  await expect(folder.readJson("y.json")).rejects.toMatchObject({
    code: "format/invalid",
    message: expect.stringContaining("y.json: not JSON"),
  });
  await expect(folder.readJson("z.json")).rejects.toMatchObject({ code: "file/missing" });
});

test("the size of a folder is that of all files in it, and of nothing it is 0", async () => {
  const root = temporaryFolder();
  mkdirSync(join(root, "a"));
  writeFileSync(join(root, "a/x"), "12345");
  writeFileSync(join(root, "y"), "123");
  expect(await bytesBelow(root)).toBe(8);
  expect(await bytesBelow(join(root, "y"))).toBe(3);
  expect(await bytesBelow(join(root, "nowhere"))).toBe(0);
});
