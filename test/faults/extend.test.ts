/**
 * A run that is to have more steps goes on from its last checkpoint, as if it had been begun with
 * them.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunEvent } from "../../src/experiments/run-context.ts";
import { readEvaluation } from "../../src/runs/results.ts";
import { RunFolder } from "../../src/runs/run-folder.ts";
import { concord, filesBelow } from "../support/cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { tinyRuns } from "../support/tiny-run.ts";

const MACHINE = /^(run\.json|timings\.jsonl|config\.yaml)$/;
const SETTINGS = ["training.checkpoint_every=10", "training.log_every=4", "coupling={weight: 0.5}", "training.agreement_every=4", "training.save_at=[8, 30, 40]"]; // biome-ignore format: one line
const LONG = [...SETTINGS, "training.steps=30"];

test.each([10, 11, 30])(
  "extended from %d steps to 30, it ends with the bytes of a run of 30 steps",
  async (steps) => {
    const heard: RunEvent[] = [];
    const [whole] = await tinyRuns(temporaryFolder(), LONG, (event) => heard.push(event));
    expect(heard).toContainEqual({
      kind: "warning",
      message:
        "training.save_at names steps that are not reached, because training ends after 30: 40.",
    });
    const saved = filesBelow(whole!.file("saes"));
    expect(filesBelow(whole!.file("saes_at/step-000030"))).toEqual(saved);
    const earlier = filesBelow(whole!.file("saes_at/step-000008"));
    expect([...earlier.keys()]).toEqual([...saved.keys()]);
    expect(earlier).not.toEqual(saved);
    const folder = temporaryFolder();
    await tinyRuns(folder, [...SETTINGS, `training.steps=${steps}`]);
    const events: RunEvent[] = [];
    const [run] = await tinyRuns(folder, LONG, (event) => events.push(event), undefined, true);
    const expected = filesBelow(whole!.path, MACHINE);
    const found = filesBelow(run!.path, MACHINE);
    // One checkpoint may be of the step where it ended first.
    for (const name of [...found.keys(), ...expected.keys()])
      if (name.startsWith("checkpoints/step-00001") || name.startsWith("checkpoints/step-00002")) {
        found.delete(name);
        expected.delete(name);
      }
    expect(found).toEqual(expected);
    const record = await run!.readRecord();
    const changed = { key: "training.steps", before: steps, after: 30 };
    expect(record.totalSteps).toBe(30);
    if (steps === 30) expect(record.configChanges).toBeUndefined();
    else {
      expect(record.configChanges).toMatchObject([{ fromStep: steps, changes: [changed] }]);
      const opened = events.find(({ kind }) => kind === "opened");
      expect(opened).toMatchObject({ changed: [`training.steps ${steps} → 30`] });
      const config = readFileSync(run!.file("config.yaml"), "utf8");
      expect(config).toMatch(
        new RegExp(`^# from step ${steps} on: training.steps ${steps} → 30\n`),
      );
      expect(config).toContain("steps: 30");
    }
    expect((await readEvaluation(run!))!.steps).toBe(30);
  },
);

test("what is written on the way and what computes may change; of a finished run that changes nothing", async () => {
  const folder = temporaryFolder();
  const stop = new AbortController();
  const watch = (event: RunEvent) => {
    if (event.kind === "step" && event.step.step === 6) stop.abort();
  };
  await expect(tinyRuns(folder, LONG, watch, stop.signal)).rejects.toThrow("Interrupted");
  const others = ["training.log_every=1", "training.keep_checkpoints=1", "backend.threads=1"];
  const [run] = await tinyRuns(folder, [...LONG, ...others], undefined, undefined, true);
  const { changes } = (await run!.readRecord()).configChanges![0]!;
  expect(changes.map(({ key }) => key).sort()).toEqual(
    ["backend.threads", "training.keep_checkpoints", "training.log_every"], // biome-ignore format: one line
  );
  const before = filesBelow(run!.path);
  const events: string[] = [];
  const more = [...LONG, "training.log_every=2"];
  await tinyRuns(folder, more, ({ kind }) => events.push(kind), undefined, true);
  expect(events[0]).toBe("finished");
  expect(filesBelow(run!.path)).toEqual(before);
});

test("fewer steps than were taken, and any other key, are refused by name, and nothing changes", async () => {
  const folder = temporaryFolder();
  const [run] = await tinyRuns(folder, LONG);
  const before = filesBelow(run!.path);
  const again = (settings: string[]) => tinyRuns(folder, settings, undefined, undefined, true);
  await expect(again([...SETTINGS, "training.steps=20"])).rejects.toMatchObject({
    code: "run/conflict",
    message: `The run ${run!.path} has taken 30 steps, more than the 20 that it is to have.`, // biome-ignore format: one line
  });
  await expect(again([...LONG, "population.lr=0.1"])).rejects.toMatchObject({
    code: "run/conflict",
    hint: expect.stringMatching(
      /^population\.lr is 0\.01 there and 0\.1 here\. .*Only training\.steps, /,
    ),
  });
  expect(filesBelow(run!.path)).toEqual(before);
});

test("a learning rate that had begun to fall follows the new schedule, and that is said", async () => {
  const decay = "population={ d_sae: 16, k: 2, lr: 0.01, decay_fraction: 0.5 }";
  for (const [steps, said] of [
    [20, 1],
    [8, 0],
  ] as const) {
    const folder = temporaryFolder();
    const stop = new AbortController();
    // Of 20 steps the rate falls from the tenth on.
    const watch = (event: RunEvent) => {
      if (event.kind === "step" && event.step.step + 1 === steps) stop.abort();
    };
    await tinyRuns(folder, [decay], watch, stop.signal).catch(() => undefined);
    const warnings: string[] = [];
    const warned = (event: RunEvent) => {
      if (event.kind === "warning") warnings.push(event.message);
    };
    await tinyRuns(folder, [decay, "training.steps=40"], warned, undefined, true);
    expect(warnings.filter((w) => w.includes("decay_fraction"))).toHaveLength(said);
  }
});

test("from the command line, also where the config counts tokens", async () => {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, "grow.yaml"),
    `name: grow
source: { kind: synthetic, d_in: 8, features: 8, groups: 2, active: 2, held_out_rows: 64 }
population: { d_sae: 8, k: 2 }
training: { batch: 16, tokens: 160 }
`,
  );
  expect((await concord(["run", "grow.yaml"], folder)).code).toBe(0);
  const more = ["run", "grow.yaml", "--resume", "--set", "training.steps=15"];
  const grown = await concord(more, folder);
  expect(grown.code, grown.stderr).toBe(0);
  expect(grown.stderr).toContain("runs/grow: 15 steps, going on from step 10 (training.tokens 160 → not set, training.steps not set → 15)"); // biome-ignore format: one line
  const record = await new RunFolder(join(folder, "runs/grow")).readRecord();
  expect([record.totalSteps, record.status]).toEqual([15, "finished"]);
});
