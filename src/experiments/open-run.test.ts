import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { reference } from "../../test/support/backends.ts";
import { madeRun } from "../../test/support/run-data.ts";
import { temporaryFolder } from "../../test/support/temporary-folder.ts";
import { tinyRuns } from "../../test/support/tiny-run.ts";
import { parseConfig } from "../config/load-config.ts";
import type { PlannedMember } from "../config/members.ts";
import type { Config } from "../config/schema.ts";
import { RunFolder, type RunRecord } from "../runs/run-folder.ts";
import {
  changedStarts,
  finishedResults,
  openRun,
  requireSameData,
  requireStepsLeft,
  resumeWarnings,
  runFolder,
  scheduleWarnings,
  writeChangedConfig,
} from "./open-run.ts";

const { record } = madeRun();
const NOW = new Date("2026-01-02T03:04:05Z");
const MACHINE = { backend: reference, versions: { concord: "1" }, now: NOW };

function configIn(folder: string, ...settings: string[]): Config {
  const text = `name: one
source: { kind: synthetic, d_in: 4 }
population: { d_sae: 8 }
training: { steps: 5 }
`;
  return parseConfig(text, "x.yaml", [`runs_folder=${folder}`, ...settings])[0]!.config;
}

describe("a run that is about to start", () => {
  test("has its config with every default, and a record that says running", async () => {
    const config = configIn(temporaryFolder());
    const { folder, lock, changes, results } = await openRun(config, MACHINE, false);
    expect(folder.path).toBe(runFolder(config).path);
    expect(readFileSync(folder.file("config.yaml"), "utf8")).toContain("keep_checkpoints:");
    expect(await folder.readRecord()).toMatchObject({
      name: "one",
      status: "running",
      createdAt: NOW.toISOString(),
      attempts: [],
    });
    expect([changes, results]).toEqual([[], undefined]);
    await lock!.release();
  });

  test("is refused where a run of its name is, unless it is to go on", async () => {
    const config = configIn(temporaryFolder());
    await (await openRun(config, MACHINE, false)).lock!.release();
    await expect(openRun(config, MACHINE, false)).rejects.toMatchObject({
      code: "run/conflict",
      message: expect.stringContaining("exists already"),
      hint: expect.stringContaining("--resume"),
    });
    const again = await openRun(config, MACHINE, true);
    expect(again.changes).toEqual([]);
    await again.lock!.release();
  });

  test("is refused while another process writes it, and leaves its lock alone", async () => {
    const config = configIn(temporaryFolder());
    const { lock } = await openRun(config, MACHINE, false);
    await expect(openRun(config, MACHINE, true)).rejects.toMatchObject({ code: "run/conflict" });
    await lock!.release();
    await (await openRun(config, MACHINE, true)).lock!.release();
  });

  test("takes the place of one that failed before it began", async () => {
    const config = configIn(temporaryFolder());
    const { folder, lock, record: begun } = await openRun(config, MACHINE, false);
    await lock!.release();
    await folder.writeRecord({ ...begun, status: "failed" });
    const other = configIn(config.runsFolder, "population.d_sae=16");
    const anew = await openRun(other, MACHINE, false);
    expect(anew.record.status).toBe("running");
    expect(readFileSync(folder.file("config.yaml"), "utf8")).toContain("d_sae: 16");
    await anew.lock!.release();
  });

  test.each(["checkpoints", "metrics.jsonl"])("is refused where only %s is left", async (name) => {
    const config = configIn(temporaryFolder());
    const folder = runFolder(config);
    mkdirSync(folder.file(name), { recursive: true });
    await expect(openRun(config, MACHINE, true)).rejects.toThrow(
      `${folder.path} has ${name} but no run.json`,
    );
    expect(existsSync(folder.file("config.yaml"))).toBe(false);
  });
});

describe("a run that goes on with another config", () => {
  async function begun(): Promise<Config> {
    const config = configIn(temporaryFolder());
    await (await openRun(config, MACHINE, false)).lock!.release();
    return config;
  }
  const resume = async (before: Config, ...settings: string[]) =>
    openRun(configIn(before.runsFolder, ...settings), MACHINE, true);

  test("may have another length, and is told what changed", async () => {
    const opened = await resume(await begun(), "training.steps=9", "training.log_every=3");
    expect(opened.changes.map(({ key, after }) => [key, after])).toEqual([
      ["training.steps", 9],
      ["training.log_every", 3],
    ]);
    await opened.lock!.release();
  });

  test("may not have another seed, and is told which keys differ", async () => {
    await expect(resume(await begun(), "seed=7", "population.d_sae=16")).rejects.toMatchObject({
      code: "run/conflict",
      message: expect.stringContaining("was started with another config"),
      hint: expect.stringMatching(
        /^seed is 0 there and 7 here; population\.d_sae is 8 there and 16/,
      ),
    });
  });

  test("is told three of many keys", async () => {
    const settings = [
      "seed=7",
      "source.d_in=5",
      "population.k=3",
      "population.lr=1",
      "training.batch=9",
    ];
    await expect(resume(await begun(), ...settings)).rejects.toMatchObject({
      hint: expect.stringContaining("; and 2 more."),
    });
  });

  test("keeps the history of its changes in front of its config", async () => {
    const config = await begun();
    const folder = runFolder(config);
    const changes = [{ key: "training.steps", before: 5, after: 9 }];
    await writeChangedConfig(folder, config, [{ changedAt: "t", fromStep: 5, changes }]);
    const [first] = readFileSync(folder.file("config.yaml"), "utf8").split("\n");
    expect(first).toBe("# from step 5 on: training.steps 5 → 9");
    // The comment is not a difference.
    const again = await openRun(config, MACHINE, true);
    expect(again.changes).toEqual([]);
    await again.lock!.release();
  });
});

test("a run that has taken more steps than it is to have is refused", () => {
  const folder = new RunFolder("runs/x");
  expect(() => requireStepsLeft(folder, 5, 5)).not.toThrow();
  expect(() => requireStepsLeft(folder, 6, 5)).toThrow(
    "The run runs/x has taken 6 steps, more than the 5 that it is to have.",
  );
});

describe("the data that a run goes on with", () => {
  const folder = new RunFolder("runs/x");
  const file = (path: string, digest: string) => ({ path, digest });
  const check = (before: RunRecord["provenance"], now: RunRecord["provenance"]) => () =>
    requireSameData({ folder, record: { ...record, ...(before && { provenance: before }) } }, now);

  test("may be called anything, as long as it is the same", () => {
    expect(check({ digest: "a", path: "x" }, { digest: "a", path: "y" })).not.toThrow();
    expect(check(undefined, { digest: "a" })).not.toThrow();
    expect(check({ digest: "a" }, {})).not.toThrow();
  });

  test("is refused by the files that changed", () => {
    const before = { digest: "1", files: [file("a.npy", "A"), file("b.npy", "B")] };
    const now = { digest: "2", files: [file("a.npy", "A"), file("b.npy", "C")] };
    expect(check(before, now)).toThrow("began with other data: b.npy has changed since.");
    const fewer = { digest: "3", files: [file("a.npy", "A")] };
    expect(check(before, fewer)).toThrow("the list of files has changed");
    const many = { digest: "4", files: [..."abcde"].map((name) => file(name, `${name}${name}`)) };
    expect(check(before, many)).toThrow("a, b, c and 2 more has changed");
  });

  test("is refused by its path, or by its kind where it has none", () => {
    expect(check({ digest: "1" }, { digest: "2", text: "book.txt" })).toThrow(
      "book.txt has changed",
    );
    expect(check({ digest: "1" }, { digest: "2", kind: "shards" })).toThrow(
      "the shards source has changed",
    );
  });

  test("is refused by the SAEs that it is the residual of", () => {
    const of = (digest: string) => ({ residualOf: [{ path: "saes/a", digest }] });
    expect(check(of("1"), of("1"))).not.toThrow();
    expect(check(of("1"), of("2"))).toThrow(
      "began with other SAEs in source.residual_of: saes/a changed since.",
    );
  });
});

describe("a run that goes on elsewhere", () => {
  const onBackend = (name: string, isa: string) => ({
    ...record,
    backend: { name, isa, threads: 1 },
  });
  const warnings = (of: RunRecord, provenance: RunRecord["provenance"] = {}) =>
    resumeWarnings(of, reference, provenance);

  test("is warned of another backend, and of another number of threads not", () => {
    const { name, isa } = reference;
    expect(warnings(onBackend(name, isa))).toEqual([]);
    expect(warnings(onBackend("native", "avx512"))[0]).toContain(
      `The run began on native avx512 and goes on with ${name} ${isa}`,
    );
  });

  test("is warned of facts of its data that changed, where their content was not recorded", () => {
    const begun = {
      ...onBackend(reference.name, reference.isa),
      provenance: { kind: "shards", rows: 5 },
    };
    expect(warnings(begun, { kind: "shards", rows: 6 })).toEqual([
      "The data is not what the run began with: source.rows is 5 there and 6 here.",
    ]);
    expect(warnings(begun, { kind: "shards", rows: 5 })).toEqual([]);
    expect(warnings(begun, { kind: "shards", rows: 5, digest: "a" })[0]).toContain(
      "did not record what its data holds",
    );
  });

  test("is not warned of facts where the content is known", () => {
    const begun = {
      ...onBackend(reference.name, reference.isa),
      provenance: { digest: "a", path: "x" },
    };
    expect(warnings(begun, { digest: "a", path: "y" })).toEqual([]);
  });

  test("is warned of SAEs that members started from and that are others now", () => {
    const begun = { ...record, initFrom: { a: "1", b: "2" } };
    expect(changedStarts(begun, { a: "1", b: "3", c: "4" })).toEqual([
      "population.init_from: b is not what it was when the run began.",
    ]);
    expect(changedStarts(begun, undefined)).toEqual([]);
    expect(changedStarts(record, { a: "1" })).toEqual([]);
  });
});

describe("a longer run whose learning rates fall", () => {
  const member = (decayStart: number | undefined) =>
    [{ schedule: { warmupSteps: 0, decayStart } }] as unknown as PlannedMember[];

  test("is warned of once they had begun to", () => {
    // Of 100 steps they fell from step 80 on; of 200 they fall from step 160 on.
    const warned = (fromStep: number) => scheduleWarnings(member(160), fromStep, 100, 200).length;
    expect([80, 81, 100].map(warned)).toEqual([0, 1, 1]);
    expect(scheduleWarnings(member(160), 100, 100, 200)[0]).toContain(
      "Learning rates had begun to fall (decay_fraction) as for 100 steps. From step 100 on they follow the schedule of 200 steps",
    );
  });

  test("is not, where they never fall or the length is the same", () => {
    expect(scheduleWarnings(member(undefined), 100, 100, 200)).toEqual([]);
    expect(scheduleWarnings(member(80), 100, 100, 100)).toEqual([]);
    expect(scheduleWarnings(member(80), 100, undefined, 100)).toEqual([]);
  });
});

test("a finished run has results as long as everything that it wrote is there", async () => {
  const [run] = await tinyRuns(temporaryFolder(), ["training.steps=2"]);
  const finished = await run!.readRecord();
  const found = async (of: RunRecord = finished) =>
    (await finishedResults(run!, of, {})) !== undefined;
  expect(await found()).toBe(true);
  expect(await found({ ...finished, status: "interrupted" })).toBe(false);
  const latents = run!.file("results", "latents.safetensors");
  const bytes = readFileSync(latents);
  rmSync(latents);
  expect(await found()).toBe(false);
  writeFileSync(latents, bytes);
  rmSync(run!.file("results", "consistency.json"));
  expect(await found()).toBe(false);
  // A config may leave the agreement out.
  expect(await finishedResults(run!, finished, { analyses: ["evaluation"] })).toBeDefined();
  rmSync(run!.file("saes", "member-1", "cfg.json"));
  expect(await finishedResults(run!, finished, { analyses: ["evaluation"] })).toBeUndefined();
});
