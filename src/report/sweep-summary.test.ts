import { describe, expect, test } from "vitest";
import type { SimilarityNumbers } from "../runs/results.ts";
import { sharedSeeds } from "./shared-seeds.ts";
import { sweepAnswer } from "./sweep-answer.ts";
import { axisText, compareAxes, sweepAxes } from "./sweep-axes.ts";
import { type SweepRun, sweepSummary } from "./sweep-summary.ts";

const density = { edges: [], width: 0.1, counts: [], dead: 0 };

function similarity(mcc: number): SimilarityNumbers {
  return { mcc, mcc_null: 0.3, mean_max: [mcc, mcc], mean_max_null: [0.35, 0.35], shared: mcc };
}

/** A run with two coupled members, whose FVU lies around `fvu`, and an independent one that must not count. */
function finished(weight: number, seed: number, fvu: number, mcc: number): SweepRun {
  const member = (name: string, coupled: boolean, value: number) => ({
    ...{ name, coupled, density, seed, architecture: "topk", label: {} },
    metrics: { fvu: value, dead_fraction: 0.5 },
  });
  return {
    name: `coupling.weight=${weight}.seed=${seed}`,
    axes: { seed, "coupling.weight": weight },
    evaluation: {
      rows: 100,
      members: [
        member("member-0", true, fvu - 0.01),
        member("member-1", true, fvu + 0.01),
        member("independent-0", false, 9),
      ],
    },
    consistency: {
      pw_mcc: { mean: mcc, null: 0.3 },
      pairs: [],
      ground_truth: [
        { member: "member-0", ...similarity(mcc) },
        { member: "independent-0", ...similarity(0.1) },
      ],
      independent: [{ member: "member-0", independent: "independent-0", ...similarity(mcc / 2) }],
    },
  };
}

const RUNS = [
  ...[finished(10, 1, 0.2, 0.9), finished(10, 0, 0.4, 0.8), finished(10, 2, 0.3, 0.7)],
  ...[finished(2, 0, 0.2, 0.5), finished(2, 1, 0.1, 0.5), finished(2, 2, 0.15, 0.5)],
];

describe("a sweep's summary", () => {
  test("averages over members, then seeds, with Student's interval", () => {
    const { cells, axes, replicated_over } = sweepSummary(RUNS);
    expect({ axes, replicated_over }).toEqual({
      axes: ["coupling.weight"],
      replicated_over: ["seed"],
    });
    // Numbers by size: 2 before 10. Seeds in order: FVU 0.4, 0.2, 0.3 with mean 0.3, s = 0.1, t(0.975, 2) = 4.3027.
    expect(cells.map((c) => c.axes["coupling.weight"])).toEqual([2, 10]);
    const { fvu } = cells[1]!.metrics;
    expect(fvu!.values.map((v) => Math.round(v * 1e9) / 1e9)).toEqual([0.4, 0.2, 0.3]);
    expect(fvu!.mean).toBeCloseTo(0.3, 12);
    expect(fvu!.high! - fvu!.mean).toBeCloseTo((4.302652729749462 * 0.1) / Math.sqrt(3), 9);
    expect(fvu!.n).toBe(3);
  });

  test("keeps every similarity next to its null, and independent members out", () => {
    const { metrics } = sweepSummary(RUNS).cells[1]!;
    expect(metrics["pw_mcc"]).toMatchObject({ null: 0.3 });
    expect(metrics["gt_mcc"]!.mean).toBeCloseTo(0.8, 12);
    expect(metrics["independent_mcc"]!.mean).toBeCloseTo(0.4, 12);
    expect(metrics["independent_mcc"]!.null).toBeCloseTo(0.3, 12);
    expect(metrics["dead_fraction"]).not.toHaveProperty("null");
  });

  test("compares with the first cell seed by seed", () => {
    const [first, second] = sweepSummary(RUNS).cells;
    expect(first!.metrics["fvu"]).not.toHaveProperty("difference");
    // 0.4 − 0.2, 0.2 − 0.1, 0.3 − 0.15: mean 0.15, s = 0.05, narrower than the unpaired interval.
    const difference = second!.metrics["fvu"]!.difference!;
    expect(difference.mean).toBeCloseTo(0.15, 12);
    expect(difference.high! - difference.mean).toBeCloseTo(
      (4.302652729749462 * 0.05) / Math.sqrt(3),
      9,
    );
  });

  test("pairs only seeds that both cells have", () => {
    const { cells } = sweepSummary(RUNS.filter((run) => run.name !== "coupling.weight=2.seed=1"));
    expect(cells[0]!.metrics["fvu"]!.n).toBe(2);
    expect(cells[1]!.metrics["fvu"]!.difference!.values).toHaveLength(2);
  });

  test("names runs without results and does not count them", () => {
    const { name, axes } = RUNS[0]!;
    const { cells } = sweepSummary([{ name, axes }, ...RUNS.slice(1)]);
    expect(cells[1]!.unfinished).toEqual(["coupling.weight=10.seed=1"]);
    expect(cells[1]!.metrics["fvu"]!.n).toBe(2);
    expect(sweepAnswer(sweepSummary([{ name, axes }, ...RUNS.slice(1)]))).toContain(
      "1 more have not finished and are not counted",
    );
  });

  test("has no mean of a metric that is not a number in one run, rather than one of something else", () => {
    const { cells } = sweepSummary([...RUNS.slice(1), finished(10, 1, Number.NaN, 0.9)]);
    expect(cells[1]!.metrics).not.toHaveProperty("fvu");
    expect(cells[1]!.metrics).toHaveProperty("pw_mcc");
  });

  test("of one seed has means without intervals, and says that it proves nothing", () => {
    const summary = sweepSummary(RUNS.filter((run) => run.axes["seed"] === 0));
    expect(summary.cells[1]!.metrics["fvu"]).toMatchObject({ n: 1 });
    expect(summary.cells[1]!.metrics["fvu"]).not.toHaveProperty("low");
    expect(sweepAnswer(summary)).toContain("fewer than 3 finished runs");
    expect(sweepAnswer(summary)).not.toContain("intervals of differences");
  });

  test("survives JSON and having no runs", () => {
    const summary = sweepSummary(RUNS);
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
    expect(sweepSummary([]).cells).toEqual([]);
  });

  test("collects what data stands in for", () => {
    const substitute = "random letters instead of OpenWebText.";
    const runs = RUNS.map((run) => ({ ...run, evaluation: { ...run.evaluation!, substitute } }));
    expect(sweepSummary(runs).substitutes).toEqual([substitute]);
    expect(sweepAnswer(sweepSummary(runs))).toContain(`The data is a substitute: ${substitute}`);
  });
});

test("pairs that share a seed are told apart, in a run and in a sweep", () => {
  const { evaluation, consistency, ...run } = finished(0, 0, 0.2, 0.5);
  const pairs = [
    { a: "member-0", b: "member-1", ...similarity(0.99) },
    { a: "member-0", b: "member-2", ...similarity(0.4) },
  ];
  const members = [0, 0, 1].map((seed, i) => ({
    ...evaluation!.members[0]!,
    name: `member-${i}`,
    seed,
  }));
  const grid = {
    ...run,
    evaluation: { ...evaluation!, members },
    consistency: { ...consistency!, pairs },
  };
  expect(sharedSeeds(grid.evaluation, grid.consistency)).toEqual({
    ...{ shared: 1, pairs: 2, others: { mcc: 0.4, null: 0.3 } },
  });
  expect(sharedSeeds(grid.evaluation, { pairs: pairs.slice(1) })).toBeUndefined();
  expect(sharedSeeds(grid.evaluation, { pairs: pairs.slice(0, 1) })!.others).toBeUndefined();
  const summary = sweepSummary([grid]);
  expect(summary.shared_seeds).toEqual([run.name]);
  expect(sweepAnswer(summary)).toContain("In 1 of the runs pairs of members share a seed");
});

test("the answer of a sweep says which differences include nothing", () => {
  const answer = sweepAnswer(sweepSummary(RUNS));
  expect(answer).toContain("6 runs of 2 settings of coupling.weight.");
  expect(answer).toContain("PW-MCC is 0.500 to 0.800 over the settings (null 0.300).");
  expect(answer).toContain(
    "Against coupling.weight 2, coupling.weight 10 changes FVU by +0.15 (+0.026 to +0.27), GT-MCC by +0.3 (+0.052 to +0.55)",
  );
  const same = sweepSummary(
    RUNS.map((r) =>
      finished(
        Number(r.axes["coupling.weight"]),
        Number(r.axes["seed"]),
        0.2,
        0.5 + 0.1 * Number(r.axes["seed"]),
      ),
    ),
  );
  expect(sweepAnswer(same)).toContain("FVU by 0 (0 to 0, which includes 0)");
});

describe("the axes of a sweep", () => {
  test("are what the runs' configs differ in, dots in names and values or not", () => {
    const config = (seed: number, lr: number, hook: string) => ({
      ...{ name: `s/source.hook=${hook}.lr=${lr}.seed=${seed}`, runs_folder: "runs", seed },
      ...{ source: { kind: "language_model", hook }, population: { lr, k: [16, 32] } },
    });
    expect(sweepAxes([config(0, 0.3, "blocks.3.mlp"), config(1, 0.1, "blocks.3.mlp")])).toEqual([
      { seed: 0, "population.lr": 0.3 },
      { seed: 1, "population.lr": 0.1 },
    ]);
    expect(sweepAxes([config(0, 0.3, "a"), config(0, 0.3, "b")])[1]).toEqual({
      "source.hook": "b",
    });
    expect(sweepAxes([config(0, 0.3, "a")])).toEqual([{}]);
  });

  test("may be missing from some configs", () => {
    const axes = sweepAxes([{ seed: 0 }, { seed: 0, coupling: { weight: 1 } }]);
    expect(axes).toEqual([{ "coupling.weight": undefined }, { "coupling.weight": 1 }]);
    expect(axisText(axes[0]!)).toBe("coupling.weight not set");
    expect(axisText({})).toBe("all runs");
  });

  test("are in order of size where they are numbers", () => {
    const sorted = [{ k: 16 }, { k: 2 }, { k: 128 }].toSorted(compareAxes);
    expect(sorted.map((axes) => axes.k)).toEqual([2, 16, 128]);
    expect(compareAxes({ a: "x" }, { a: "y" })).toBe(-1);
  });
});
