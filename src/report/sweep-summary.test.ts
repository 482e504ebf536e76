import { describe, expect, test } from "vitest";
import type { SimilarityNumbers } from "../runs/results.ts";
import { sweepAnswer } from "./sweep-answer.ts";
import { axisText, compareAxes, sweepAxes } from "./sweep-axes.ts";
import type { SweepRun } from "./sweep-cells.ts";
import { sweepSummary } from "./sweep-summary.ts";

const density = { edges: [], width: 0.1, counts: [], dead: 0 };

function similarity(mcc: number): SimilarityNumbers {
  return { mcc, mcc_null: 0.3, mean_max: [mcc, mcc], mean_max_null: [0.35, 0.35], shared: mcc };
}

/**
 * A run with two coupled members, whose FVU lies around `fvu`, and an independent one that must not
 * count.
 */
function finished(weight: number, seed: number, fvu: number, mcc: number): SweepRun {
  const member = (name: string, coupled: boolean, value: number, offset: number) => ({
    name,
    coupled,
    density,
    seed: seed + offset,
    architecture: "topk",
    label: {},
    metrics: { fvu: value, dead_fraction: 0.5 },
  });
  return {
    name: `coupling.weight=${weight}.seed=${seed}`,
    axes: { seed, "coupling.weight": weight },
    evaluation: {
      rows: 100,
      members: [
        member("member-0", true, fvu - 0.01, 0),
        member("member-1", true, fvu + 0.01, 1),
        member("independent-0", false, 9, 2),
      ],
    },
    consistency: {
      pw_mcc: { mean: mcc, null: 0.3 },
      pairs: [{ a: "member-0", b: "member-1", ...similarity(mcc) }],
      ground_truth: [
        { member: "member-0", ...similarity(mcc) },
        { member: "independent-0", ...similarity(0.1) },
      ],
      independent: [{ member: "member-0", independent: "independent-0", ...similarity(mcc / 2) }],
    },
  };
}

const RUNS = [
  finished(10, 1, 0.2, 0.9),
  finished(10, 0, 0.4, 0.8),
  finished(10, 2, 0.3, 0.7),
  finished(2, 0, 0.2, 0.5),
  finished(2, 1, 0.1, 0.5),
  finished(2, 2, 0.15, 0.5),
];

describe("a sweep's summary", () => {
  test("averages over members, then seeds, with Student's interval", () => {
    const { cells, axes, replicated_over } = sweepSummary(RUNS);
    expect({ axes, replicated_over }).toEqual({
      axes: ["coupling.weight"],
      replicated_over: ["seed"],
    });
    // Numbers by size: 2 before 10. Seeds in order: FVU 0.4, 0.2, 0.3 with mean 0.3, s = 0.1,
    // t(0.975, 2) = 4.3027.
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
    expect(sweepAnswer(summary)).toContain("fewer than 3 seeds");
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

/**
 * A run whose population is a grid: `members` of each k, whose FVU is 1/k and a little more for
 * every seed.
 */
function gridRun(seed: number, ks: readonly number[], members: number, coupled = false): SweepRun {
  const all = ks.flatMap((k, cell) =>
    Array.from({ length: members }, (_, i) => ({
      name: `member-${cell * members + i}`,
      coupled: true,
      density,
      seed: seed + i,
      architecture: "topk",
      label: { k },
      setting: { k },
      metrics: { fvu: 1 / k + 0.001 * (seed + i), l0: k, dead_fraction: 0 },
    })),
  );
  const pairs = all.flatMap((a, i) =>
    all.slice(i + 1).map((b) => ({
      a: a.name,
      b: b.name,
      ...similarity(a.seed === b.seed ? 0.99 : a.label.k === b.label.k ? a.label.k / 10 : 0.2),
    })),
  );
  return {
    name: `seed=${seed}`,
    axes: {},
    coupled,
    evaluation: { rows: 100, members: all },
    consistency: { pw_mcc: { mean: 0.9, null: 0.3 }, pairs },
  };
}

describe("a population of several settings", () => {
  test("has a row for every setting, with an interval over its runs, and the best mean marked", () => {
    const runs = [0, 1, 2].map((seed) => ({ ...gridRun(seed, [8, 2, 4], 1), axes: { seed } }));
    const { cells, axes, replicated_over } = sweepSummary(runs);
    expect({ axes, replicated_over }).toEqual({
      axes: ["population.k"],
      replicated_over: ["seed"],
    });
    expect(cells.map((c) => [c.axes["population.k"], c.seeds, c.runs.length])).toEqual([
      [2, 3, 3],
      [4, 3, 3],
      [8, 3, 3],
    ]);
    for (const { axes: own, metrics } of cells) {
      const k = Number(own["population.k"]);
      expect(metrics["fvu"]!.mean).toBeCloseTo(1 / k + 0.001, 12);
      expect(metrics["fvu"]!.high! - metrics["fvu"]!.mean).toBeCloseTo(
        (4.302652729749462 * 0.001) / Math.sqrt(3),
        9,
      );
      expect(metrics["fvu"]!.best).toBe(k === 8 ? true : undefined);
      expect(metrics["l0"]!.best).toBeUndefined();
      // Members of one seed and several settings have no pair that counts.
      expect(metrics).not.toHaveProperty("pw_mcc");
    }
    expect(sweepAnswer(sweepSummary(runs))).toContain("3 runs of 3 settings of k.");
  });

  test("of one run has intervals over its members, and PW-MCC within a setting only", () => {
    const { cells, replicated_over } = sweepSummary([gridRun(0, [2, 4], 3)]);
    expect(replicated_over).toEqual(["member"]);
    expect(cells.map((c) => c.seeds)).toEqual([3, 3]);
    const [two, four] = cells.map((c) => c.metrics);
    expect(two!["fvu"]).toMatchObject({ n: 3, values: [0.5, 0.501, 0.502] });
    expect(two!["fvu"]!.low).toBeLessThan(0.5);
    expect(two!["pw_mcc"]).toMatchObject({ n: 1, null: 0.3 });
    expect(two!["pw_mcc"]!.mean).toBeCloseTo(0.2, 12);
    expect(four!["pw_mcc"]!.mean).toBeCloseTo(0.4, 12);
    expect(four!["fvu"]!.difference).toMatchObject({ n: 3 });
    expect(four!["fvu"]!.difference!.mean).toBeCloseTo(-0.25, 12);
  });

  test("takes no interval over members that a coupling pulls together", () => {
    const { cells, replicated_over } = sweepSummary([gridRun(0, [2, 4], 3, true)]);
    expect(replicated_over).toEqual([]);
    expect(cells[0]!.metrics["fvu"]).toMatchObject({ n: 1 });
    expect(cells[0]!.metrics["fvu"]).not.toHaveProperty("low");
    expect(cells[0]!.seeds).toBe(1);
  });

  test("makes the same rows whether it is members or runs that have the settings", () => {
    const asMembers = [0, 1].map((seed) => ({ ...gridRun(seed, [2, 4], 2), axes: { seed } }));
    const asRuns = [0, 1].flatMap((seed) =>
      [2, 4].map((k) => {
        const run = gridRun(seed, [k], 2);
        const members = run.evaluation!.members.map((m) => ({ ...m, label: {}, setting: {} }));
        const evaluation = { ...run.evaluation!, members };
        return { ...run, name: `k=${k}.${seed}`, evaluation, axes: { seed, "population.k": k } };
      }),
    );
    const rows = (runs: readonly SweepRun[]) =>
      sweepSummary(runs).cells.map(({ axes, seeds, metrics }) => ({ axes, seeds, metrics }));
    expect(rows(asRuns)).toEqual(rows(asMembers));
  });

  test("names a run that has not finished in each of its settings, and counts it once", () => {
    const runs = [
      { ...gridRun(0, [2, 4], 1), axes: { seed: 0 } },
      { name: "seed=1", axes: { seed: 1 } },
    ];
    const summary = sweepSummary(runs);
    expect(summary.cells.map((c) => c.unfinished)).toEqual([["seed=1"], ["seed=1"]]);
    expect(sweepAnswer(summary)).toContain("1 run of 2 settings of k; 1 more have not finished");
  });
});

test("pairs of one setting that share a seed are left out, and said to be", () => {
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
  const summary = sweepSummary([
    {
      ...run,
      evaluation: { ...evaluation!, members },
      consistency: { ...consistency!, pairs },
    },
  ]);
  expect(summary.shared_seeds).toEqual([run.name]);
  expect(summary.cells[0]!.metrics["pw_mcc"]!.mean).toBeCloseTo(0.4, 12);
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
      name: `s/source.hook=${hook}.lr=${lr}.seed=${seed}`,
      runs_folder: "runs",
      seed,
      source: { kind: "language_model", hook },
      population: { lr, k: [16, 32] },
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
