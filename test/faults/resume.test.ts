/** What a run that was interrupted, killed or finished does when it is asked to go on. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunEvent } from "../../src/experiments/run-context.ts";
import { filesBelow } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { tinyRuns } from "../support/tiny-run.ts";

test("a finished run is not made again: its results are read, and nothing is written", async () => {
  const folder = temporaryFolder();
  const [run] = await tinyRuns(folder);
  const before = filesBelow(run!.path);
  const events: RunEvent["kind"][] = [];
  const [again] = await tinyRuns(folder, [], ({ kind }) => events.push(kind), undefined, true);
  expect(again!.path).toBe(run!.path);
  expect(events).toEqual(["finished"]);
  expect(filesBelow(run!.path)).toEqual(before);
});

test("a finished run whose results are gone makes them again, to the same bytes", async () => {
  const folder = temporaryFolder();
  const [run] = await tinyRuns(folder);
  const results = filesBelow(run!.file("results"));
  const saes = filesBelow(run!.file("saes"));
  for (const gone of ["results/consistency.json", "saes/member-1"]) {
    rmSync(run!.file(gone), { recursive: true });
    const events: RunEvent["kind"][] = [];
    await tinyRuns(folder, [], ({ kind }) => events.push(kind), undefined, true);
    expect([...new Set(events)]).toEqual(["opened", "evaluating", "comparing"]);
    expect(filesBelow(run!.file("results"))).toEqual(results);
    expect(filesBelow(run!.file("saes"))).toEqual(saes);
  }
});

test("an evaluation that fails costs no training: the SAEs are saved, and --resume goes straight to it", async () => {
  const folder = temporaryFolder();
  const [whole] = await tinyRuns(temporaryFolder());
  const failing = ({ kind }: RunEvent) => {
    if (kind === "evaluating") throw new Error("broken");
  };
  await expect(tinyRuns(folder, [], failing)).rejects.toThrow("broken");
  const run = join(folder, "tiny");
  expect(filesBelow(join(run, "saes"))).toEqual(filesBelow(whole!.file("saes")));
  const events: RunEvent["kind"][] = [];
  const [again] = await tinyRuns(folder, [], ({ kind }) => events.push(kind), undefined, true);
  expect([...new Set(events)]).toEqual(["opened", "evaluating", "comparing"]);
  const machine = /^(run\.json|timings\.jsonl|config\.yaml)$/;
  expect(filesBelow(again!.path, machine)).toEqual(filesBelow(whole!.path, machine));
});

test("what a killed process had begun to write is removed", async () => {
  const folder = temporaryFolder();
  const [run] = await tinyRuns(folder);
  rmSync(run!.file("results/evaluation.json"));
  const { pid } = spawnSync("true");
  for (const path of ["run.json", "results/evaluation.json", "saes/member-0/cfg.json"])
    writeFileSync(run!.file(`${path}.tmp-${pid}-0`), "half");
  await tinyRuns(folder, [], undefined, undefined, true);
  const names = readdirSync(run!.path, { recursive: true, encoding: "utf8" });
  expect(names.filter((name) => name.includes(".tmp-"))).toEqual([]);
});

test("interrupted after any step, it goes on to the same bytes", async () => {
  const whole = temporaryFolder();
  const settings = ["training.steps=7", "training.log_every=2", "training.checkpoint_every=3", "training.agreement_every=3"]; // biome-ignore format: one line
  const [expected] = await tinyRuns(whole, settings);
  const machine = /^(run\.json|timings\.jsonl|config\.yaml)$/;
  for (let stop = 1; stop < 7; stop++) {
    const folder = temporaryFolder();
    const controller = new AbortController();
    const watch = (event: RunEvent) => {
      if (event.kind === "step" && event.step.step + 1 === stop) controller.abort();
    };
    const interrupted = tinyRuns(folder, settings, watch, controller.signal);
    await expect(interrupted).rejects.toMatchObject({
      code: "interrupted",
      message: `Interrupted after step ${stop} of 7.`,
    });
    const [run] = await tinyRuns(folder, settings, undefined, undefined, true);
    expect(filesBelow(run!.path, machine)).toEqual(filesBelow(expected!.path, machine));
  }
});

test("killed before anything was written but a folder, it starts as if there were none", async () => {
  const folder = temporaryFolder();
  const [run] = await tinyRuns(folder);
  for (const name of readdirSync(run!.path))
    if (name !== "config.yaml") rmSync(run!.file(name), { recursive: true });
  const [again] = await tinyRuns(folder);
  expect(existsSync(again!.file("results/evaluation.json"))).toBe(true);
  expect(readFileSync(join(folder, "tiny/config.yaml"), "utf8")).toContain("name: tiny");
});
