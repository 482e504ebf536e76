import { describe, expect, test } from "vitest";
import { sweepAnswer } from "./sweep-answer.ts";
import type { SweepCell, SweepSummary } from "./sweep-summary.ts";

const cell = (weight: number, fvu: number, over: Partial<SweepCell> = {}): SweepCell => ({
  axes: { "coupling.weight": weight },
  seeds: 3,
  runs: ["a", "b", "c"].map((run) => `${weight}${run}`),
  unfinished: [],
  metrics: { fvu: { mean: fvu, n: 3, values: [fvu, fvu, fvu] } },
  ...over,
});

const summary = (cells: readonly SweepCell[], over: Partial<SweepSummary> = {}): SweepSummary => ({
  format: 1,
  confidence: 0.95,
  axes: ["coupling.weight"],
  replicated_over: ["seed"],
  shared_seeds: [],
  substitutes: [],
  cells,
  ...over,
});

describe("the answer of a sweep", () => {
  test("of many settings names the one with the lowest FVU instead of each difference", () => {
    const cells = [0.5, 0.4, 0.2, 0.6, 0.3, 0.7].map((fvu, i) => cell(i, fvu));
    const answer = sweepAnswer(summary(cells));
    expect(answer).toContain("18 runs of 6 settings of coupling.weight.");
    expect(answer).toContain("The lowest mean FVU, 0.2, is that of coupling.weight 2.");
    expect(answer).not.toContain("Against");
  });

  test("of many settings without an FVU names none as the best", () => {
    const cells = Array.from({ length: 6 }, (_, i) => cell(i, 0, { metrics: {} }));
    expect(sweepAnswer(summary(cells))).not.toContain("lowest");
  });

  test("of one run of one setting is in the singular", () => {
    const one = [cell(0, 0.5, { axes: {}, runs: ["a"], seeds: 1 })];
    expect(sweepAnswer(summary(one, { axes: [] }))).toMatch(/^1 run of 1 setting\./);
  });

  test("leaves out a difference that has no interval", () => {
    const difference = { mean: -0.1, n: 1, values: [-0.1] };
    const second = cell(1, 0.4, {
      metrics: { fvu: { mean: 0.4, n: 1, values: [0.4], difference } },
    });
    const answer = sweepAnswer(summary([cell(0, 0.5), second]));
    expect(answer).not.toContain("Against");
    expect(answer).not.toContain("In brackets");
  });

  test("says of an interval with 0 in it that it includes 0", () => {
    const said = (low: number, high: number) => {
      const difference = { mean: (low + high) / 2, low, high, n: 3, values: [] };
      const metrics = { fvu: { mean: 0.4, n: 3, values: [], difference } };
      return sweepAnswer(summary([cell(0, 0.5), cell(1, 0.4, { metrics })]));
    };
    expect(said(-0.2, 0.1)).toContain(
      "Against coupling.weight 0, coupling.weight 1 changes FVU by −0.05 (−0.2 to +0.1, which includes 0).",
    );
    expect(said(-0.2, -0.1)).toContain("FVU by −0.15 (−0.2 to −0.1).");
    expect(said(-0.2, -0.1)).toContain("In brackets are 95\u202f% intervals");
  });

  test("shows one number where PW-MCC is the same everywhere", () => {
    const metrics = { pw_mcc: { mean: 0.5, n: 3, values: [], null: 0.2 } };
    const answer = sweepAnswer(summary([cell(0, 1, { metrics }), cell(1, 1, { metrics })]));
    expect(answer).toContain("PW-MCC is 0.500 over the settings (null 0.200).");
  });

  test("counts a run in several settings, and one that has not finished, once", () => {
    const shared = { runs: ["a"], unfinished: ["b"] };
    const answer = sweepAnswer(summary([cell(0, 1, shared), cell(1, 1, shared)]));
    expect(answer).toContain("1 run of 2 settings");
    expect(answer).toContain("; 1 more have not finished and are not counted.");
  });
});
