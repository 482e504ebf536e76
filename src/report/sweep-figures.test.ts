import { describe, expect, test } from "vitest";
import { checkFigure, insideMarks } from "../../test/support/figure.ts";
import { allElements, parseMarkup, textOf } from "../../test/support/markup.ts";
import { madeMember, madeRun } from "../../test/support/run-data.ts";
import type { Markup } from "../figures/html/html.ts";
import { type LoggedMetrics, loggedMetrics } from "./logged.ts";
import type { SweepRunData } from "./sweep-data.ts";
import { cellNote, intervalFigures, sweepCurves } from "./sweep-figures.ts";
import { sweepSummary } from "./sweep-summary.ts";

const { record } = madeRun();

function run(weight: number, seed: number, fvu: number, metrics: LoggedMetrics): SweepRunData {
  return {
    name: `${weight}.${seed}`,
    axes: { "coupling.weight": weight, seed },
    evaluation: { rows: 1, members: [madeMember("member-0", { metrics: { fvu, l0: 4 } })] },
    record,
    config: {},
    configText: "",
    metrics,
  };
}

const empty = await loggedMetrics([]);
const headings = (figures: readonly (Markup | undefined)[]) =>
  figures.map((figure) => {
    if (!figure) return undefined;
    checkFigure(/<svg .*?<\/svg>/s.exec(figure.markup)![0]);
    return textOf(allElements(parseMarkup(figure.markup)).find((e) => e.name === "h3")!);
  });

describe("means and differences", () => {
  const fvus = [
    [0.5, 0.6, 0.7],
    [0.2, 0.4, 0.3],
  ];
  const runs = fvus.flatMap((of, weight) => of.map((fvu, seed) => run(weight, seed, fvu, empty)));

  test("stand side by side, one pair for each metric that there is", () => {
    expect(headings(intervalFigures(sweepSummary(runs)))).toEqual([
      "FVU",
      "FVU: difference from coupling.weight 0",
      "L0",
      "L0: difference from coupling.weight 0",
    ]);
  });

  test("say which end is better, and nothing where neither is", () => {
    const [fvu, , l0] = intervalFigures(sweepSummary(runs));
    expect(fvu!.markup).toContain("Lower is better.");
    expect(l0!.markup).not.toContain("is better");
  });

  test("of one setting have no difference", () => {
    const one = intervalFigures(sweepSummary(runs.slice(0, 3)));
    expect(headings(one)).toEqual(["FVU", undefined, "L0", undefined]);
  });

  test("of nothing are none", () => {
    expect(intervalFigures(sweepSummary([]))).toEqual([]);
  });
});

test("figures show the first 24 settings, and say so", () => {
  const runs = Array.from({ length: 25 }, (_, weight) => run(weight, 0, 0.5, empty));
  expect(cellNote(sweepSummary(runs))).toBe(
    "The figures show the first 24 of 25 settings; the tables show all.",
  );
  expect(cellNote(sweepSummary(runs.slice(1)))).toBeUndefined();
});

describe("learning curves", () => {
  const logged = (fvu: (step: number) => number, steps = [1, 2, 3]) =>
    loggedMetrics(steps.map((step) => ({ step, members: { "member-0": { fvu: fvu(step) } } })));

  test("are means over seeds, with a band from the lowest to the highest", async () => {
    const runs = [run(0, 0, 0.5, await logged(() => 1)), run(0, 1, 0.5, await logged(() => 0.5))];
    const { markup } = sweepCurves(runs);
    expect(markup).toContain("the band reaches from the lowest seed to the highest");
    expect(markup).toContain('data-mark="area"');
  });

  test("of one seed have no band", async () => {
    const { markup } = sweepCurves([run(0, 0, 0.5, await logged(() => 1))]);
    expect(markup).toContain("Mean over members.");
    expect(markup).not.toContain('data-mark="area"');
  });

  test("have only the steps that every seed has", async () => {
    const runs = [
      run(0, 0, 0.5, await logged(() => 1, [1, 2, 3])),
      run(0, 1, 0.5, await logged(() => 1, [2, 3, 4])),
    ];
    const { elements } = checkFigure(/<svg .*?<\/svg>/s.exec(sweepCurves(runs).markup)![0]);
    const [line] = insideMarks(elements, "line");
    expect(line!.attributes["d"]!.split("l")).toHaveLength(2);
  });

  test("of runs without a log are missing, not an error", async () => {
    expect(sweepCurves([run(0, 0, 0.5, empty)]).markup).toContain("Nothing to show of");
  });
});
