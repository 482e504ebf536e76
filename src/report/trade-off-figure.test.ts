import { describe, expect, test } from "vitest";
import { checkFigure, insideMarks, tooltipOf } from "../../test/support/figure.ts";
import type { SweepCell, SweepSummary } from "./sweep-summary.ts";
import { tradeOffFigure } from "./trade-off-figure.ts";

const cell = (axes: SweepCell["axes"], l0?: number, fvu?: number): SweepCell => ({
  axes,
  seeds: 1,
  runs: ["a"],
  unfinished: [],
  metrics: {
    ...(l0 === undefined ? {} : { l0: { mean: l0, n: 1, values: [l0] } }),
    ...(fvu === undefined ? {} : { fvu: { mean: fvu, n: 1, values: [fvu] } }),
  },
});

function draw(cells: readonly SweepCell[]) {
  const made = tradeOffFigure({ cells } as SweepSummary);
  if (!made) return undefined;
  const { elements } = checkFigure(/<svg .*?<\/svg>/s.exec(made.markup)![0]);
  const lines = insideMarks(elements, "line");
  const names = lines.map(tooltipOf);
  const bars = insideMarks(elements, "rule");
  return {
    lines,
    names,
    bars,
    markup: made.markup,
    dots: elements.filter((e) => e.name === "circle"),
  };
}

describe("FVU over L0", () => {
  test("joins settings that differ in sparsity alone, in the order of their L0", () => {
    const figure = draw([
      cell({ "population.k": 32, "population.lr": 1 }, 32, 0.1),
      cell({ "population.k": 8, "population.lr": 1 }, 8, 0.3),
      cell({ "population.k": 8, "population.lr": 2 }, 8, 0.4),
    ])!;
    expect(figure.names).toEqual(["lr 1", "lr 2"]);
    expect(figure.dots).toHaveLength(3);
    // From left to right: from the smaller L0 to the larger.
    const [, right] = figure.lines[0]!.attributes["d"]!.split("l");
    expect(Number(right!.split(" ")[0])).toBeGreaterThan(0);
  });

  test("of sparsity alone is one curve of all settings", () => {
    const ks = [1, 2, 4].map((k) => cell({ "population.k": k }, k, 1 / k));
    expect(draw(ks)!.names).toEqual(["all settings"]);
  });

  test("names each dot with its numbers", () => {
    const ks = [1, 2].map((k) => cell({ "population.k": k }, k, 0.5));
    expect(draw(ks)!.markup).toContain("k 2: L0 2, FVU 0.5");
  });

  test("has the intervals of both numbers where there are seeds", () => {
    const one = cell({ "population.k": 1 }, 1, 0.5);
    const several = {
      ...one,
      metrics: {
        l0: { mean: 4, low: 3, high: 5, n: 3, values: [4, 3.8, 4.2] },
        fvu: { mean: 0.2, low: 0.1, high: 0.3, n: 3, values: [0.2, 0.19, 0.21] },
      },
    };
    expect(draw([one, { ...several, axes: { "population.k": 4 } }])!.bars).toHaveLength(2);
  });

  test("needs two settings that have both numbers", () => {
    expect(draw([])).toBeUndefined();
    expect(draw([cell({ a: 1 }, 4, 0.5)])).toBeUndefined();
    expect(draw([cell({ a: 1 }, 4, 0.5), cell({ a: 2 }, 4), cell({ a: 3 }, undefined, 1)])).toBe(
      undefined,
    );
  });

  test("of very many curves shows the first, and says so", () => {
    const many = Array.from({ length: 30 }, (_, i) => cell({ "population.lr": i }, 4, 0.5));
    const figure = draw(many)!;
    expect(figure.names).toHaveLength(24);
    expect(figure.markup).toContain("The first 24 of 30 curves.");
  });
});
