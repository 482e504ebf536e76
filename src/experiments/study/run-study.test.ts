/** A study from its file to its numbers, with runs small enough for a test. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { tinyContext } from "../../../test/support/tiny-run.ts";
import { readEvaluation } from "../../runs/results.ts";
import { RunFolder } from "../../runs/run-folder.ts";
import type { LoadedStudy } from "./load-study.ts";
import { longerSetting, type PlannedStudyRun, planStudy } from "./plan-study.ts";
import { type RunStudyOptions, runStudy } from "./run-study.ts";
import type { ArmNumbers, Experiment, Measure } from "./study.ts";
import { readStudyNumbers } from "./study-numbers.ts";

const CONFIG = `
name: any
source: { kind: synthetic, d_in: 8, features: 16, groups: 2, active: 2, held_out_rows: 64 }
population: { members: 2, architecture: topk, d_sae: 16, k: 2 }
training: { batch: 32, steps: 10, log_every: 1, checkpoint_every: 10 }
`;

const STUDY: Experiment = {
  title: "A study",
  question: "Does it?",
  config: "config.yaml",
  seeds: [1, 2],
  arms: {
    none: { title: "no coupling" },
    mfr: { title: "MFR", settings: ["coupling.weight=1"] },
    longer: { title: "longer", computeOf: ["mfr"] },
  },
  measures: ["fvu", "pw_mcc", "uncoupled_mcc", "step_cost", "steps", "restarts", "training_fvu"],
};

function loaded(change: Partial<Experiment> = {}): LoadedStudy & { study: Experiment } {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "config.yaml"), CONFIG);
  return { name: "mine", folder, file: join(folder, "study.ts"), study: { ...STUDY, ...change } };
}

function options(folder: string, more: Partial<RunStudyOptions> = {}): RunStudyOptions {
  const { baseFolder: _, ...context } = tinyContext(folder);
  return { runs: join(folder, "runs"), inputs: {}, context, ...more };
}

test("trains a run for every arm and seed, and writes what each measured", async () => {
  const study = loaded();
  const order: string[] = [];
  const trained: string[] = [];
  const name = ({ arm, seed }: PlannedStudyRun) => `${arm} ${seed}`;
  const numbers = await runStudy(
    study,
    options(study.folder, {
      onRun: (run, index, total) => void order.push(`${index + 1}/${total} ${name(run)}`),
      onTrained: async (run) => void trained.push(name(run)),
    }),
  );
  expect(order).toEqual([
    "1/6 none 1",
    "2/6 mfr 1",
    "3/6 none 2",
    "4/6 mfr 2",
    "5/6 longer 1",
    "6/6 longer 2",
  ]);
  expect(trained).toHaveLength(6);
  expect(await readStudyNumbers(join(study.folder, "numbers.json"))).toEqual(numbers);
  expect(numbers.made_with).toHaveLength(1);
  const none = numbers.runs.find((run) => run.arm === "none" && run.seed === 1)!;
  expect(none.numbers).toMatchObject({ steps: 10, restarts: 0, fvu: expect.any(Number) });
  expect(none.nulls).toMatchObject({ pw_mcc: expect.any(Number) });
  // Members of the baseline are compared with each other, those of one seed with nobody else.
  expect(none.numbers["uncoupled_mcc"]).toBeCloseTo(none.numbers["pw_mcc"]!, 6);
  const evaluation = JSON.parse(
    readFileSync(join(study.folder, "runs/mine/none/seed=1/results/evaluation.json"), "utf8"),
  );
  const fvus = evaluation.members.map((m: { metrics: { fvu: number } }) => m.metrics.fvu);
  expect(none.numbers["fvu"]).toBeCloseTo((fvus[0] + fvus[1]) / 2, 6);
});

test("equal compute: an arm trains for as long as the steps of others cost", async () => {
  const study = loaded();
  const { runs } = await runStudy(study, options(study.folder));
  const of = (arm: string, key: string) =>
    runs.filter((run) => run.arm === arm).map((run) => run.numbers[key]!);
  const costs = of("mfr", "step_cost");
  const factor = Number(((costs[0]! + costs[1]!) / 2).toFixed(1));
  expect(of("longer", "steps")).toEqual([Math.round(10 * factor), Math.round(10 * factor)]);
});

test("what has finished is read and not trained again", async () => {
  const { longer: _, ...arms } = STUDY.arms;
  const study = loaded({ arms });
  const first = await runStudy(study, options(study.folder));
  const before = readFileSync(join(study.folder, "runs/mine/mfr/seed=1/run.json"), "utf8");
  const trained: string[] = [];
  const again = await runStudy(
    study,
    options(study.folder, { onTrained: async ({ arm }) => void trained.push(arm) }),
  );
  expect(trained).toEqual([]);
  expect(again).toEqual(first);
  expect(readFileSync(join(study.folder, "runs/mine/mfr/seed=1/run.json"), "utf8")).toBe(before);
  // One more seed costs its own runs alone.
  const more = { ...study, study: { ...study.study, seeds: [1, 2, 3] } };
  await runStudy(
    more,
    options(study.folder, {
      onTrained: async ({ arm, seed }) => void trained.push(`${arm} ${seed}`),
    }),
  );
  expect(trained).toEqual(["none 3", "mfr 3"]);
});

test("`compute` trains runs of its own, once, and opens the rows of a config", async () => {
  const asked: string[] = [];
  const study = loaded({
    seeds: [3, 4],
    arms: { one: { title: "one" } },
    async compute(seed, { train, open, backend }) {
      const run = await train({ name: "own", settings: ["population.k=1"] });
      asked.push(run.path);
      const source = await open({ name: "own", settings: [] });
      const rows = backend.float32(source.dIn);
      await source.heldOut.read(0, rows);
      await source.close();
      const { members } = (await readEvaluation(run))!;
      return [{ arm: "one", seed, numbers: { fvu: members[0]!.metrics["fvu"]!, first: rows[0]! } }];
    },
  });
  const numbers = await runStudy(study, options(study.folder));
  const folders = [3, 4].map((seed) => join(study.folder, `runs/mine/own/seed=${seed}`));
  expect(asked).toEqual(folders);
  expect(numbers.runs.map(({ seed }) => seed)).toEqual([3, 4]);
  const first = numbers.runs.map((run) => run.numbers["first"]);
  expect(first[0]).not.toBe(first[1]);
  // Without its numbers, a seed is computed anew, from the runs that are there.
  const before = readFileSync(join(folders[0]!, "run.json"), "utf8");
  rmSync(join(study.folder, "numbers.json"));
  expect(await runStudy(study, options(study.folder))).toEqual(numbers);
  expect(readFileSync(join(folders[0]!, "run.json"), "utf8")).toBe(before);
});

test("a run of that name with other settings is refused, and left as it is", async () => {
  const study = loaded({ seeds: [1], arms: { none: { title: "none" } } });
  await runStudy(study, options(study.folder));
  const other = { ...study, study: { ...study.study, settings: ["population.k=1"] } };
  await expect(runStudy(other, options(study.folder))).rejects.toMatchObject({
    code: "run/conflict",
  });
});

test("an interrupted study goes on with the same command", async () => {
  const study = loaded({ seeds: [1], arms: { none: { title: "none" }, b: { title: "b" } } });
  const controller = new AbortController();
  const own = options(study.folder);
  const context = {
    ...own.context,
    signal: controller.signal,
    onEvent: ({ kind }: { kind: string }) => void (kind === "step" && controller.abort()),
  };
  await expect(runStudy(study, { ...own, context })).rejects.toMatchObject({ code: "interrupted" });
  expect(existsSync(join(study.folder, "numbers.json"))).toBe(false);
  const { runs } = await runStudy(study, own);
  expect(runs.map(({ arm }) => arm)).toEqual(["none", "b"]);
});

test("settings win over the config, those of an arm over those of the study", async () => {
  const study = loaded({
    settings: ["population.k=3", "training.steps=5"],
    arms: { a: { title: "a" }, b: { title: "b", settings: ["population.k=4"] } },
  });
  const planned = await planStudy(study, { runs: "/runs", inputs: {} });
  expect(planned.map(({ arm, seed }) => `${arm} ${seed}`)).toEqual(["a 1", "b 1", "a 2", "b 2"]);
  const configs = planned.map(({ planned: { config } }) => config);
  expect(configs.map((c) => [c.population.k, c.training.steps, c.seed])).toEqual([
    [3, 5, 1],
    [4, 5, 1],
    [3, 5, 2],
    [4, 5, 2],
  ]);
  expect(planned[0]!.folder.path).toBe("/runs/mine/a/seed=1");
  expect(planned[0]!.folder).toBeInstanceOf(RunFolder);
});

test("an arm has a config of its own, and seeds of its own", async () => {
  const study = loaded({
    config: "missing.yaml",
    arms: { a: { title: "a", config: "config.yaml", seeds: [7] } },
  });
  const [only, ...others] = await planStudy(study, { runs: "/runs", inputs: {} });
  expect(others).toEqual([]);
  expect(only!.seed).toBe(7);
  expect(only!.baseFolder).toBe(study.folder);
});

test("inputs take the place of their names, as paths from where the person is", async () => {
  const study = loaded({
    inputs: { data: "a folder of arrays" },
    settings: ["source={kind: arrays, path: '{data}/a.npy'}"],
  });
  const place = { runs: "/runs", inputs: { data: "/data" } };
  const [first] = await planStudy(study, place);
  expect(first!.planned.config.source).toMatchObject({ path: "/data/a.npy" });
  await expect(planStudy(study, { runs: "/runs", inputs: {} })).rejects.toMatchObject({
    message: 'The study needs the input "data": a folder of arrays.',
    hint: "--input data=<path>",
  });
  const wrong = { runs: "/runs", inputs: { data: "/data", other: "/x" } };
  await expect(planStudy(study, wrong)).rejects.toThrow('The study has no input "other".');
});

test("an arm that is a sweep is refused", async () => {
  const study = loaded({ arms: { a: { title: "a", settings: ["training.steps=[5, 10]"] } } });
  await expect(planStudy(study, { runs: "/runs", inputs: {} })).rejects.toMatchObject({
    message: expect.stringContaining("describes 2 runs of a sweep with the settings of the arm a"),
  });
});

test("a length is multiplied in its own unit", () => {
  const config = (training: object) => ({ training }) as never;
  expect(longerSetting(config({ steps: 200 }), 4.27)).toBe("training.steps=860");
  expect(longerSetting(config({ epochs: 4 }), 4.21)).toBe("training.epochs=16.8");
  expect(longerSetting(config({ tokens: 1001 }), 1.5)).toBe("training.tokens=1502");
});

test("a benchmark is not run: the error says what measures it", async () => {
  const study = loaded();
  const bench = { kind: "benchmark", title: "t", question: "q", command: "npm run bench" } as const;
  await expect(runStudy({ ...study, study: bench }, options(study.folder))).rejects.toMatchObject({
    message: "mine is a benchmark: it trains nothing.",
    hint: expect.stringContaining("npm run bench > "),
  });
});

test("computed numbers are kept seed by seed, and whole seeds are not computed again", async () => {
  const seen: number[] = [];
  const compute = async (seed: number): Promise<ArmNumbers[]> => {
    seen.push(seed);
    if (seen.length === 2) throw new Error("the power went");
    return ["a", "b"].map((arm) => ({ arm, seed, numbers: { fvu: seed / 3 } }));
  };
  const arms = { a: { title: "a" }, b: { title: "b" }, all: { title: "all", meanOf: ["a", "b"] } };
  const { config: _, ...rest } = loaded().study;
  const study = { ...loaded(), study: { ...rest, arms, compute } };
  await expect(runStudy(study, options(study.folder))).rejects.toThrow("the power went");
  const numbers = await runStudy(study, options(study.folder));
  expect(seen).toEqual([1, 2, 2]);
  expect(numbers.runs.map(({ arm, seed }) => `${arm} ${seed}`)).toEqual([
    "a 1",
    "b 1",
    "a 2",
    "b 2",
  ]);
  expect(numbers.runs[0]!.numbers["fvu"]).toBe(0.333_333_3);
  expect(numbers.made_with).toHaveLength(1);
});

test("members are the seeds of an arm's only run, which has as many", async () => {
  const study = loaded({
    seeds: [4, 5, 6],
    seedsAre: "members",
    arms: { one: { title: "one" } },
    measures: [
      "fvu",
      {
        name: "partner",
        label: "partner",
        of: async (run, { open }) => {
          const source = await open(run);
          await source.close();
          return { value: run.partner!.seed * 100 + source.dIn };
        },
      },
    ],
    curves: [
      {
        name: "l0",
        of: async (run) => {
          const lines = await run.log("metrics.jsonl");
          return { x: lines.map(({ step }) => step), y: lines.map(() => 1 / 3) };
        },
      },
    ],
  });
  const { runs } = await runStudy(study, options(study.folder));
  expect(runs.map(({ seed, numbers }) => [seed, numbers["partner"]])).toEqual([
    [4, 508],
    [5, 608],
    [6, 408],
  ]);
  expect(new Set(runs.map(({ numbers }) => numbers["fvu"])).size).toBe(3);
  expect(runs[0]!.curves!["l0"]!.y[0]).toBe(0.3333);
  const kept = await readStudyNumbers(join(study.folder, "numbers.json"));
  expect(kept.runs).toEqual(runs);
});

test("arms that are chosen are measured alone; the numbers of the others stay", async () => {
  const other: Measure = {
    name: "other",
    label: "other",
    of: async (run, context) => {
      const compared = context.run(run.arm === "a" ? "b" : "a", run.seed);
      return compared && { value: compared.seed };
    },
  };
  const study = loaded({ arms: { a: { title: "a" } }, seeds: [1], measures: ["fvu"] });
  const first = await runStudy(study, options(study.folder));
  const wider = { ...study.study, arms: { a: { title: "a" }, b: { title: "b" } } };
  const choose = (measures: Experiment["measures"], ...arms: string[]) =>
    runStudy(
      { ...study, study: { ...wider, measures } },
      { ...options(join(study.folder, arms.join())), arms },
    );
  const { runs } = await choose(["fvu"], "b");
  expect(runs.map(({ arm }) => arm)).toEqual(["a", "b"]);
  expect(runs[0]).toEqual(first.runs[0]);
  await choose(["fvu", other], "a", "b");
  await expect(choose(["fvu", other], "b")).rejects.toMatchObject({
    message: "b has lost other, which it had before.",
    hint: expect.stringContaining("List in --arms the arm"),
  });
  await expect(choose(["fvu"], "c")).rejects.toThrow("Expected arms of the study: a, b");
});
