/** What each chart shows of its data: places, bands, bins, colours and words. */
import { describe, expect, test } from "vitest";
import { checkFigure, insideMarks, tooltipOf } from "../../../test/support/figure.ts";
import { type Element, textOf } from "../../../test/support/markup.ts";
import { type HeatMap, heatMap } from "./heat-map.ts";
import { type Histogram, histogram } from "./histogram.ts";
import { type IntervalChart, intervalChart } from "./interval-chart.ts";
import { type LineChart, lineChart } from "./line-chart.ts";
import { rampLegend, rampSteps } from "./ramp.ts";
import { renderFigure } from "./render.ts";
import { MOST_MARKS, markRadius, type Scatter, scatter } from "./scatter.ts";
import { scatter3d } from "./scatter-3d.ts";

const words = { title: "A title", description: "A description" };
const axes = { ...words, xLabel: "x", yLabel: "y" };
const groups = (elements: readonly Element[], mark: string) =>
  elements.filter((e) => e.attributes["data-mark"] === mark);
describe("a line chart", () => {
  const draw = (chart: Partial<LineChart>) =>
    checkFigure(lineChart({ ...axes, curves: [], ...chart }));
  const lines = (elements: readonly Element[]) => insideMarks(elements, "line");

  test("of nothing says so", () => {
    expect(draw({}).texts).toContain("Nothing to show.");
  });

  test("draws a point alone as a dot", () => {
    const { elements } = draw({ curves: [{ name: "a", points: [{ x: 1, y: 2 }] }] });
    expect(insideMarks(elements, "dot")).toHaveLength(1);
    const gaps = [1, Number.NaN, 2, 3, Number.NaN, 4].map((y, x) => ({ x, y }));
    expect(
      insideMarks(draw({ curves: [{ name: "a", points: gaps }] }).elements, "dot"),
    ).toHaveLength(2);
  });

  test("interrupts a line where there is no value, and names what it cannot show", () => {
    const { elements, texts } = draw({
      yKind: "log",
      yLabel: "loss",
      curves: [
        { name: "broken", points: [1, 2, 0, 3, 4].map((y, x) => ({ x, y })) },
        { name: "dead", points: [{ x: 0, y: 0 }] },
      ],
    });
    const [line] = lines(elements);
    expect(line!.attributes["d"]!.split("M")).toHaveLength(3);
    expect(tooltipOf(line!)).toBe("broken");
    expect(texts).toEqual(
      expect.arrayContaining(["Nothing to show of dead.", "broken", "loss (log scale)"]),
    );
  });

  test("has a band where two points or more have both ends", () => {
    const points = (ends: number) =>
      [0, 1, 2].map((x) => (x < ends ? { x, y: 2, low: 1, high: 3 } : { x, y: 2, low: 1 }));
    const bands = (ends: number) =>
      groups(draw({ curves: [{ name: "a", points: points(ends) }] }).elements, "area").length;
    expect([1, 2, 3].map(bands)).toEqual([0, 1, 1]);
  });

  test("marks points with bars instead of bands, and names them", () => {
    const points = [
      { x: 1, y: 2, low: 1, high: 3, name: "k 16" },
      { x: 2, y: 3 },
    ];
    const { elements } = draw({ curves: [{ name: "a", points }], marks: true });
    expect(groups(elements, "area")).toEqual([]);
    expect(insideMarks(elements, "dot").map(tooltipOf)).toEqual(["k 16", undefined]);
    expect(insideMarks(elements, "rule")).toHaveLength(1);
  });

  test("has bars in both directions, and its axes reach over them", () => {
    const points = [{ x: 4, y: 2, low: 1, high: 3, left: -2, right: 9, name: "k 16" }];
    const { elements, texts } = draw({ curves: [{ name: "a", points }], marks: true });
    expect(insideMarks(elements, "rule")).toHaveLength(2);
    expect(texts).toEqual(expect.arrayContaining(["−2", "8"]));
    // On a logarithmic axis the left end goes to the edge.
    const logarithmic = draw({ curves: [{ name: "a", points }], marks: true, xKind: "log" });
    expect(insideMarks(logarithmic.elements, "rule")).toHaveLength(2);
  });

  test("puts the lower end of a band that has no place on a logarithmic axis on its edge", () => {
    const points = [1, 2].map((x) => ({ x, y: 1, low: -1, high: 2 }));
    const { elements } = draw({ curves: [{ name: "a", points }], yKind: "log" });
    expect(groups(elements, "area")).toHaveLength(1);
  });

  test("says how many points a thinned curve stands for", () => {
    const points = Array.from({ length: 500 }, (_, x) => ({ x, y: x }));
    const { elements, texts } = draw({ curves: [{ name: "a", points }] });
    expect(texts).toContain("Thinned from 500 points; extremes are kept.");
    expect(lines(elements)[0]!.attributes["d"]!.split("l").length).toBeLessThanOrEqual(400);
    const kept = [{ name: "a", points: points.slice(0, 3), logged: 10_000 }];
    expect(draw({ curves: kept }).texts).toContain(
      "Thinned from 10\u202f000 points; extremes are kept.",
    );
  });

  test("keeps the colour of a series when another one is missing", () => {
    const points = [0, 1].map((x) => ({ x, y: x }));
    const curves = [
      { name: "gone", points: [] },
      { name: "second", points },
      { name: "own", points, colour: 4 },
    ];
    const { elements, texts } = draw({ curves });
    const inside = groups(elements, "line").map((e) => e.attributes["stroke"]);
    expect(inside).toEqual(["var(--fig-c1)", "var(--fig-c4)"]);
    expect(texts).toContain("Nothing to show of gone.");
  });

  test("has names at the ends of few lines, and a legend of many", () => {
    const curves = (n: number) =>
      Array.from({ length: n }, (_, i) => ({
        name: `member-${i}`,
        points: [0, 1].map((x) => ({ x, y: x + i })),
      }));
    const named = (n: number) => {
      const { texts, elements } = draw({ curves: curves(n) });
      const strong = groups(elements, "text").filter((e) => e.attributes["font-weight"] === "600");
      return [texts.filter((t) => t.startsWith("member-")).length, strong.length];
    };
    expect(named(3)).toEqual([3, 3]);
    expect(named(20)).toEqual([20, 0]);
  });

  test("draws a null as a curve, and names it", () => {
    const { elements, texts } = draw({ nullCurve: [0, 1].map((x) => ({ x, y: x })) });
    expect(groups(elements, "line").map((e) => e.attributes["stroke"])).toEqual([
      "var(--fig-null)",
    ]);
    expect(texts).toContain("null");
  });
});

describe("a histogram", () => {
  const draw = (h: Partial<Histogram>) =>
    checkFigure(histogram({ ...axes, start: 0, width: 1, series: [], ...h }));
  const outline = (h: Partial<Histogram>) => insideMarks(draw(h).elements, "line")[0]!;

  test("has powers of ten as ticks, its null and no halves of latents", () => {
    const { texts } = draw({
      start: -6,
      width: 0.1,
      powers: true,
      series: [{ name: "member-0", counts: [0, 0, 0, 2] }],
      null: -5.8,
    });
    expect(texts).toEqual(expect.arrayContaining(["10⁻⁶", "null −5.800", "0", "1", "2"]));
    expect(texts).not.toContain("0.5");
  });

  test("one series is an area, several are outlines that a legend names", () => {
    const one = draw({ series: [{ name: "a", counts: [1, 2] }] });
    expect(groups(one.elements, "area")).toHaveLength(1);
    expect(one.texts).not.toContain("a");
    const two = draw({
      series: [
        { name: "a", counts: [1, 2] },
        { name: "b", counts: [2] },
      ],
    });
    expect(groups(two.elements, "area")).toEqual([]);
    expect(two.texts).toEqual(expect.arrayContaining(["a", "b"]));
  });

  test("leaves out empty ends but for one bin, when cropped", () => {
    const ticks = (counts: number[], crop: boolean) =>
      groups(draw({ series: [{ name: "a", counts }], crop }).elements, "x-axis tick label").flatMap(
        (g) => g.children.map((t) => textOf(t as Element)),
      );
    const counts = [0, 0, 0, 5, 0, 2, 0, 0, 0];
    expect(ticks(counts, false).at(0)).toBe("0");
    expect(ticks(counts, true).at(0)).toBe("2");
    expect(ticks(counts, true).at(-1)).toBe("7");
    // Nothing at all has no ends to leave out.
    expect(ticks([0, 0], true).at(-1)).toBe("2.0");
  });

  test("draws counts that are not numbers, or negative, as none", () => {
    const counts = [Number.NaN, -3, Number.POSITIVE_INFINITY, 1];
    const clean = [0, 0, 0, 1];
    const d = (some: number[]) =>
      outline({ series: [{ name: "a", counts: some }] }).attributes["d"];
    expect(d(counts)).toBe(d(clean));
  });

  test("a null that is not a number is not drawn", () => {
    const rules = (chance: number) =>
      groups(draw({ series: [{ name: "a", counts: [1] }], null: chance }).elements, "rule").length;
    expect([rules(0.5), rules(Number.NaN)]).toEqual([1, 0]);
  });
});

describe("an interval chart", () => {
  const draw = (chart: Partial<IntervalChart>) =>
    checkFigure(intervalChart({ ...words, label: "x", rows: [], ...chart }));

  test("of nothing says so", () => {
    expect(draw({}).texts).toContain("Nothing to show.");
  });

  test("a mean without an interval has three digits, a missing one says so", () => {
    const rows = [
      { name: "a", mean: 0.12345 },
      { name: "b", mean: Number.NaN },
    ];
    expect(draw({ rows }).texts).toEqual(expect.arrayContaining(["0.123", "no value"]));
  });

  test("intervals have two digits, and all rows the decimals of the narrowest", () => {
    const rows = [
      { name: "a", mean: 1, low: 0.5, high: 1.5 },
      { name: "b", mean: 2, low: 1.988, high: 2.012 },
    ];
    expect(draw({ rows }).texts).toEqual(
      expect.arrayContaining(["1.000 ± 0.500", "2.000 ± 0.012"]),
    );
  });

  test("a plus stands before positive differences only", () => {
    const rows = [1, 0, -1].map((mean) => ({ name: `row ${mean}`, mean }));
    expect(draw({ rows, signed: true }).texts).toEqual(expect.arrayContaining(["+1.00", "−1.00"]));
    expect(draw({ rows }).texts).not.toContain("+1.00");
  });

  test("shows single values, nulls and the reference, and says what a null is", () => {
    const rows = [{ name: "a", mean: 2, values: [1, 2, 3, Number.NaN], null: 0.5 }];
    const { elements, texts } = draw({ rows, reference: 0 });
    const [values, mean] = groups(elements, "dot");
    expect(values!.children).toHaveLength(3);
    expect(tooltipOf(mean!.children[0] as Element)).toBe("a: 2.00");
    // The null of the row, its line and the reference.
    const strokes = groups(elements, "rule").map((e) => e.attributes["stroke"]);
    expect(strokes.toSorted()).toEqual(["var(--fig-null)", "var(--fig-quiet)", "var(--fig-rule)"]);
    expect(texts).toContain("null: unrelated dictionaries");
    expect(draw({ rows, nullName: "null: shuffled labels" }).texts).toContain(
      "null: shuffled labels",
    );
  });
});

describe("a heat map", () => {
  const heat = (value: HeatMap["value"], chance?: number) =>
    checkFigure(
      heatMap({
        ...words,
        names: ["a", "b"],
        value,
        label: "MCC",
        ...(chance === undefined ? {} : { null: chance }),
      }),
    );
  /** Cells in order, without the steps of the colour bar. */
  const cells = (elements: readonly Element[]) =>
    insideMarks(elements, "rect").filter((e) => tooltipOf(e) !== undefined);

  test("of nothing says so", () => {
    const { texts } = checkFigure(heatMap({ ...words, names: [], value: () => 1, label: "MCC" }));
    expect(texts).toContain("Nothing to show.");
  });

  test("says the number where it fits, the null on its scale, and nothing of a thing with itself", () => {
    const names = ["member-0", "member-1"];
    const value = (i: number, j: number) => (i === j ? 1 : 0.8884);
    const small = checkFigure(heatMap({ ...words, names, value, label: "MCC", null: 0.2986 }));
    expect(small.texts.filter((t) => t === "0.888")).toHaveLength(2);
    expect(small.texts).toContain("null 0.299");
    expect(small.texts).not.toContain("1.000");
    const many = Array.from({ length: 20 }, (_, i) => `member-${i}`);
    const { elements, texts } = checkFigure(
      heatMap({ ...words, names: many, value, label: "MCC" }),
    );
    expect(texts).toContain("The numbers are in the table.");
    expect(tooltipOf(cells(elements)[0]!)).toBe("member-0 and member-0: 1.000");
  });

  test("is quiet at the null, loud at 1, and holds values beyond both", () => {
    const cell = (value: number) => {
      const { elements } = heat((i, j) => (i === j ? 1 : value), 0.2);
      return cells(elements)[1]!.attributes["fill"];
    };
    expect([-1, 0.2, 0.6, 1, 1.5].map(cell)).toEqual(
      [0, 0, 4, 8, 8].map((step) => `var(--fig-h${step})`),
    );
  });

  test("a pair that was not compared is an empty cell, with a dash as its tooltip", () => {
    const { elements } = heat((i, j) => (i < j ? undefined : 0.5));
    const empty = groups(elements, "rect").filter((g) => g.attributes["fill"] === "none");
    expect(empty).toHaveLength(1);
    expect(empty[0]!.children.map((c) => tooltipOf(c as Element))).toEqual(["a and b: –"]);
  });

  test("without a null its colours begin at 0, or at the lowest value", () => {
    expect(heat(() => 0.5).texts).toContain("0.00");
    expect(heat(() => -0.5).texts).toContain("−0.50");
    expect(heat(() => 0.5).texts.filter((t) => t.startsWith("null"))).toEqual([]);
  });
});

describe("a scatter", () => {
  const draw = (s: Partial<Scatter>) => checkFigure(scatter({ ...axes, x: [], y: [], ...s }));

  test("of nothing, or of what has no place, says so", () => {
    expect(draw({}).texts).toContain("Nothing to show.");
    expect(draw({ x: [Number.NaN], y: [1] }).texts).toContain("Nothing to show.");
    expect(draw({ x: [0, -1], y: [1, 1], xKind: "log" }).texts).toContain("Nothing to show.");
  });

  test("draws a fixed sample of very many marks, says so, and stays small", () => {
    const x = Float32Array.from({ length: 20_000 }, (_, i) => i / 20_000);
    const specification = scatter({ ...axes, x, y: x });
    const { elements, texts } = checkFigure(specification);
    expect(texts).toContain("6000 of 20\u202f000 latents are drawn; all are counted.");
    expect(insideMarks(elements, "dot")).toHaveLength(MOST_MARKS);
    expect(renderFigure(specification).length).toBeLessThan(300_000);
  });

  test("names its nulls and the correlation, and counts what has no place", () => {
    const fit = { slope: 2, intercept: -0.5, correlation: 0.87, n: 3 };
    const some = { x: [0, 0.5, Number.NaN], y: [0.1, 0.6, 1], nullX: 0.3, nullY: 0.36 };
    expect(draw({ ...some, fit }).texts).toEqual(
      expect.arrayContaining([
        "least squares, r = 0.870",
        "null 0.300 and 0.360",
        "Not drawn, having no place on the axes: 1.",
      ]),
    );
    expect(draw({ x: [0.5], y: [0.5], nullX: 0.2, nullY: 0.2 }).texts).toContain("null 0.200");
  });

  test("draws a line only where it crosses the plot, and none on a logarithmic axis", () => {
    const line = (intercept: number, xKind: "linear" | "log" = "linear") => {
      const fit = { slope: 0, intercept, correlation: undefined, n: 2 };
      const { elements } = draw({ x: [0.5, 1], y: [0.5, 1], xKind, fit });
      return insideMarks(elements, "line").length;
    };
    expect([line(0.5), line(7), line(0.5, "log")]).toEqual([1, 0, 0]);
  });

  test("a correlation that does not exist is called undefined", () => {
    const fit = { slope: 0, intercept: 0.5, correlation: undefined, n: 2 };
    expect(draw({ x: [0, 1], y: [0.5, 0.5], fit }).texts).toContain("least squares, r = undefined");
  });

  test("marks are smaller the more there are", () => {
    expect([1, 801, 3001].map(markRadius)).toEqual([2.25, 1.5, 1.1]);
  });

  test("colours by powers of ten; what is never active takes the first step", () => {
    const steps = rampSteps([0, 1e-6, 1e-3, 1])!;
    expect([0, 1e-6, 1e-3, 1].map(steps.step)).toEqual([0, 0, 3, 5]);
    expect(rampSteps([0, Number.NaN])).toBeUndefined();
    expect(rampSteps([Number.POSITIVE_INFINITY, -1])).toBeUndefined();
    // Of one power of ten everything is in the first step.
    expect(rampSteps([0.5, 0.5])!.step(0.5)).toBe(0);
    const colour = { label: "density", values: [1e-6, 1e-3, 1] };
    const { elements } = draw({ x: [0, 0.5, 1], y: [0, 0.5, 1], colour });
    expect(groups(elements, "dot").map((e) => e.attributes["fill"])).toEqual(
      [0, 3, 5].map((step) => `var(--fig-r${step})`),
    );
  });

  test("the ramp says its range, and one value alone", () => {
    expect(rampLegend("density", rampSteps([0.001, 0.5])!).text).toBe("density, 0.001 to 0.5");
    expect(rampLegend("density", rampSteps([0.01, 0])!).text).toBe("density, 0.01");
  });
});

describe("a cloud", () => {
  const axis = (values: number[]) => ({ label: "axis", values, include: [0, 1] });
  const cloud = (values: number[], azimuth?: number) =>
    scatter3d({
      ...words,
      x: axis(values),
      y: axis(values),
      z: axis(values),
      colour: { label: "density", values },
      ...(azimuth === undefined ? {} : { azimuth }),
    });

  test("of nothing says so", () => {
    expect(checkFigure(cloud([])).texts).toContain("Nothing to show.");
  });

  test("leaves out a point that lacks a coordinate", () => {
    const { elements } = checkFigure(cloud([0.1, Number.NaN, 0.9]));
    expect(insideMarks(elements, "dot")).toHaveLength(2);
  });

  test("is a sound figure from every side", () => {
    const values = Array.from({ length: 30 }, (_, i) => i / 29);
    for (const azimuth of [0, 45, 90, 120, 200, 300]) checkFigure(cloud(values, azimuth));
    expect(renderFigure(cloud(values))).toBe(renderFigure(cloud(values, 120)));
  });
});
