import { expect, test } from "vitest";
import { RunFolder } from "../../runs/run-folder.ts";
import { MEASURES, measuresOf } from "./measures.ts";
import type { MeasureContext, StudyNumber } from "./study.ts";
import type { StudyRun } from "./study-run.ts";

const member = (name: string, fvu: number) => ({
  name,
  architecture: "topk",
  coupled: true,
  label: {},
  setting: {},
  seed: Number(name.at(-1)),
  metrics: { fvu, l0: 4, dead_fraction: 0.25, mse: fvu / 10 },
  density: { counts: [] } as never,
});

const SIMILARITY = {
  mean_max: [0, 0] as const,
  mean_max_null: [0, 0] as const,
  shared: 0,
};

function run(change: Partial<StudyRun> = {}): StudyRun {
  const members = [member("m0", 0.2), member("m1", 0.4)];
  const outsider = { ...member("m2", 9), coupled: false };
  return {
    arm: "none",
    seed: 1,
    folder: new RunFolder("/nowhere"),
    record: { totalSteps: 100 } as never,
    config: {},
    evaluation: { rows: 10, members: [...members, outsider] },
    consistency: { pairs: [{ a: "m0", b: "m1", mcc: 0.8, mcc_null: 0.2, ...SIMILARITY }] },
    members,
    log: async () => [],
    latents: async () => undefined,
    density: async () => undefined,
    ...change,
  };
}

const CONTEXT: MeasureContext = {
  backend: undefined as never,
  run: () => undefined,
  baselineOf: () => undefined,
  open: () => Promise.reject(new Error("no rows")),
};

async function measured(name: string, of = run()): Promise<StudyNumber | undefined> {
  return await MEASURES.get(name)!.of(of, CONTEXT);
}

test("metrics are means over the members that couplings include", async () => {
  expect((await measured("fvu"))!.value).toBeCloseTo(0.3, 12);
  expect((await measured("mse"))!.value).toBeCloseTo(0.03, 12);
  expect((await measured("dead_fraction"))!.value).toBe(0.25);
});

test("a similarity comes with its null, and only where it was measured", async () => {
  expect(await measured("pw_mcc")).toEqual({ value: 0.8, null: 0.2 });
  expect(await measured("gt_mcc")).toBeUndefined();
  expect(await measured("uncoupled_mcc")).toBeUndefined();
});

test("members of several settings have no mean", async () => {
  const [first, second] = run().members;
  const members = [
    { ...first!, setting: { k: 1 } },
    { ...second!, setting: { k: 2 } },
  ];
  const mixed = run({ members, evaluation: { rows: 1, members } });
  expect(await measured("fvu", mixed)).toBeUndefined();
});

test("restarts and steps are counted", async () => {
  const events = [
    { step: 1, event: "reinitialised" },
    { step: 2, event: "other" },
  ];
  expect(await measured("restarts", run({ log: async () => events }))).toEqual({ value: 1 });
  expect(await measured("steps")).toEqual({ value: 100 });
});

test("the cost of a step is that of its coupling over the rest, by medians", async () => {
  const timings = [
    { step: 1, total: 1000, coupling: 900 },
    { step: 2, total: 40, coupling: 30 },
    { step: 3, total: 40, coupling: 30 },
  ];
  expect(await measured("step_cost", run({ log: async () => timings }))).toEqual({ value: 4 });
  expect(await measured("step_cost")).toBeUndefined();
});

test("training FVU is of the last tenth of the steps, and its change is from the tenth before", async () => {
  const line = (step: number, fvu: number) => ({ step, members: { m0: { fvu }, m1: { fvu } } });
  const metrics = [line(50, 9), line(85, 0.5), line(90, 0.5), line(95, 0.4), line(100, 0.4)];
  const logged = run({ log: async () => metrics });
  expect((await measured("training_fvu", logged))!.value).toBeCloseTo(0.4, 12);
  expect((await measured("training_fvu_change", logged))!.value).toBeCloseTo(-0.2, 12);
  expect(await measured("training_fvu")).toBeUndefined();
  expect(await measured("training_fvu_change", run({ log: async () => metrics.slice(-2) }))).toBe(
    undefined,
  );
});

test("what agreement says about truth, latent by latent", async () => {
  const others = Float32Array.of(0.95, 0.92, 0.1, 0.2);
  const truth = Float32Array.of(0.95, 0.3, 0.1, 0.2);
  const known = run({ latents: async () => ({ others, truth }) });
  expect(await measured("agreed", known)).toEqual({ value: 0.5 });
  expect(await measured("true_of_agreed", known)).toEqual({ value: 0.5 });
  expect((await measured("agreement_truth_correlation", known))!.value).toBeGreaterThan(0.5);
  expect(await measured("agreed")).toBeUndefined();
  const nobody = run({ latents: async () => ({ others: truth.map(() => 0), truth }) });
  expect(await measured("true_of_agreed", nobody)).toBeUndefined();
});

test("names stand for measures, and own measures for themselves", () => {
  const own = { name: "mine", label: "mine", of: () => undefined };
  expect(measuresOf(["fvu", own])).toEqual([MEASURES.get("fvu"), own]);
});
