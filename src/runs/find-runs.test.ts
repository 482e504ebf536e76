import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { findRuns, findSweep } from "./find-runs.ts";

/** A folder of runs with these names. */
function runs(...names: readonly string[]): string {
  const root = temporaryFolder();
  for (const name of names) {
    mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, name, "run.json"), "{}");
  }
  return root;
}

/** The runs that a name stands for, as paths below the root. */
async function found(root: string, name: string): Promise<string | string[]> {
  const all = await findRuns(root, name);
  const below = (path: string) => relative(root, path);
  return "run" in all ? below(all.run.path) : all.sweep.runs.map(({ path }) => below(path));
}

describe("a name stands for", () => {
  test("the run of that name, also where others begin with it", async () => {
    const root = runs("a", "ab", "b");
    expect(await found(root, "a")).toBe("a");
    expect(await found(root, join(root, "a"))).toBe("a");
  });

  test("the runs of a sweep, in order", async () => {
    const root = runs("s/k-2", "s/k-1", "t/k-1");
    expect(await found(root, "s")).toEqual(["s/k-1", "s/k-2"]);
    expect(await found(root, join(root, "t"))).toEqual(["t/k-1"]);
  });

  test("all runs whose names begin with it; the only one is that run", async () => {
    const root = runs("lr-1", "lr-2", "seed-1");
    expect(await found(root, "lr")).toEqual(["lr-1", "lr-2"]);
    expect(await found(root, "see")).toBe("seed-1");
  });

  test("one run of a sweep by its path below the root", async () => {
    expect(await found(runs("s/k-1", "s/k-2"), "s/k-1")).toBe("s/k-1");
  });
});

test("nothing of that name is refused with the runs there are", async () => {
  await expect(findRuns(runs("a", "b"), "z")).rejects.toMatchObject({
    code: "file/missing",
    message: expect.stringContaining('There is no run "z"'),
    hint: "Runs: a, b",
  });
  await expect(findRuns(join(temporaryFolder(), "none"), "z")).rejects.toMatchObject({
    hint: "No runs yet: concord run <config.yaml>",
  });
});

test("a file is not a folder of runs, and not an error of the disk", async () => {
  const root = runs("a");
  const file = join(root, "notes.txt");
  writeFileSync(file, "");
  expect(await findSweep(root, file)).toBeUndefined();
  expect(await findSweep(root, "notes.txt")).toBeUndefined();
  await expect(findRuns(root, file)).rejects.toMatchObject({ code: "file/missing" });
  // Unless it is given as the folder of the runs.
  await expect(findRuns(file, "a")).rejects.toThrow(`Cannot list ${file}`);
});

test("a run is not a sweep, whatever lies in its folder", async () => {
  const root = runs("a", "a/inner");
  expect(await findSweep(root, "a")).toBeUndefined();
  expect(await found(root, "a")).toBe("a");
});

test("folders and files that are not runs are passed over", async () => {
  const root = runs("deep/er/run");
  mkdirSync(join(root, "empty"));
  writeFileSync(join(root, "file"), "");
  expect((await findSweep(root, "deep"))!.runs.map(({ path }) => relative(root, path))).toEqual([
    "deep/er/run",
  ]);
  expect(await findSweep(root, "empty")).toBeUndefined();
});
