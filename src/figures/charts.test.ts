/** What each chart shows of its data: places, bands, bins, colours and words. */
import { describe, expect, test } from "vitest";
import { checkFigure } from "../../test/support/figure.ts";
import { type Element, textOf } from "../../test/support/markup.ts";
import { heatMap } from "./heat-map.ts";
import { binCounts, type Histogram, histogram } from "./histogram.ts";
import { type IntervalChart, intervalChart } from "./interval-chart.ts";
import { type LineChart, lineChart } from "./line-chart.ts";
import { markSize, rampLegend, rampSteps, type Scatter, scatter } from "./scatter.ts";
import { scatter3d } from "./scatter-3d.ts";

const words = { title: "A title", description: "A description" };
const axes = { ...words, xLabel: "x", yLabel: "y" };
const classed = (elements: readonly Element[], name: string) =>
  elements.filter((e) => (e.attributes["class"] ?? "").split(" ").includes(name));

describe("a line chart", () => {
  const draw = (chart: Partial<LineChart>) =>
    checkFigure(lineChart({ ...axes, curves: [], ...chart }));

  test("of nothing says so", () => {
    expect(draw({}).texts).toContain("Nothing to show.");
  });

  test("draws a point alone as a dot", () => {
    const { elements } = draw({ curves: [{ name: "a", points: [{ x: 1, y: 2 }] }] });
    const [line] = classed(elements, "line");
    expect(line!.attributes["style"]).toBe("stroke-width:5");
    expect(line!.attributes["d"]).toMatch(/h0$/);
  });

  test("has a band where two points or more have both ends", () => {
    const points = (ends: number) =>
      [0, 1, 2].map((x) => (x < ends ? { x, y: 2, low: 1, high: 3 } : { x, y: 2, low: 1 }));
    const bands = (ends: number) =>
      classed(draw({ curves: [{ name: "a", points: points(ends) }] }).elements, "band").length;
    expect([1, 2, 3].map(bands)).toEqual([0, 1, 1]);
  });

  test("marks points with bars instead of bands, and names them", () => {
    const points = [
      { x: 1, y: 2, low: 1, high: 3, name: "k 16" },
      { x: 2, y: 3 },
    ];
    const { elements } = draw({ curves: [{ name: "a", points }], marks: true });
    expect(classed(elements, "band")).toEqual([]);
    const dots = elements.filter((e) => e.name === "circle");
    expect(dots).toHaveLength(2);
    expect(dots.map((d) => d.children.length)).toEqual([1, 0]);
    // The line itself, and the bar of the first point.
    expect(classed(elements, "line")).toHaveLength(2);
  });

  test("puts the lower end of a band that has no place on a logarithmic axis on its edge", () => {
    const points = [1, 2].map((x) => ({ x, y: 1, low: -1, high: 2 }));
    const { elements } = draw({ curves: [{ name: "a", points }], yKind: "log" });
    expect(classed(elements, "band")).toHaveLength(1);
  });

  test("says how many points a thinned curve stands for", () => {
    const points = Array.from({ length: 500 }, (_, x) => ({ x, y: x }));
    expect(draw({ curves: [{ name: "a", points }] }).texts).toContain(
      "Thinned from 500 points; extremes are kept.",
    );
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
    expect(classed(elements, "line").map((e) => e.attributes["class"])).toEqual([
      "line s1",
      "line s4",
    ]);
    expect(texts).toContain("Nothing to show of gone.");
  });
});

describe("a histogram", () => {
  const draw = (h: Partial<Histogram>) =>
    checkFigure(histogram({ ...axes, start: 0, width: 1, series: [], ...h }));

  test("counts the upper end into the last bin, and a value on an edge into the bin above", () => {
    expect(binCounts([0, 1, 2, 3, 4], 0, 4, 4)).toEqual([1, 1, 1, 2]);
    expect(binCounts([Number.NEGATIVE_INFINITY, -9, 9], 0, 4, 2)).toEqual([1, 1]);
    expect(binCounts([], 0, 1, 3)).toEqual([0, 0, 0]);
  });

  test("one series is an area, several are outlines that a legend names", () => {
    const one = draw({ series: [{ name: "a", counts: [1, 2] }] });
    expect(classed(one.elements, "area")).toHaveLength(1);
    expect(one.texts).not.toContain("a");
    const two = draw({
      series: [
        { name: "a", counts: [1, 2] },
        { name: "b", counts: [2] },
      ],
    });
    expect(classed(two.elements, "area")).toEqual([]);
    expect(two.texts).toEqual(expect.arrayContaining(["a", "b"]));
  });

  test("leaves out empty ends but for one bin, when cropped", () => {
    const counts = [0, 0, 0, 5, 0, 2, 0, 0, 0];
    const steps = (crop: boolean) => {
      const { elements } = draw({ series: [{ name: "a", counts }], crop });
      return classed(elements, "line")[0]!.attributes["d"]!.split("H").length - 1;
    };
    expect([steps(false), steps(true)]).toEqual([9, 5]);
    // Nothing at all has no ends to leave out.
    const { elements } = draw({ series: [{ name: "a", counts: [0, 0] }], crop: true });
    expect(classed(elements, "line")[0]!.attributes["d"]!.split("H").length - 1).toBe(2);
  });

  test("draws counts that are not numbers, or negative, as none", () => {
    expect(() =>
      draw({ series: [{ name: "a", counts: [Number.NaN, -3, Number.POSITIVE_INFINITY, 1] }] }),
    ).not.toThrow();
  });

  test("a null that is not a number is not drawn", () => {
    const { elements } = draw({ series: [{ name: "a", counts: [1] }], null: Number.NaN });
    expect(classed(elements, "null-line")).toEqual([]);
  });
});

describe("an interval chart", () => {
  const draw = (chart: Partial<IntervalChart>) =>
    checkFigure(intervalChart({ ...words, label: "x", rows: [], ...chart }));

  test("of nothing says so", () => {
    expect(draw({}).texts).toContain("Nothing to show.");
  });

  test("a mean without an interval has three digits, a missing one says so", () => {
    const { texts } = draw({
      rows: [
        { name: "a", mean: 0.12345 },
        { name: "b", mean: Number.NaN },
      ],
    });
    expect(texts).toEqual(expect.arrayContaining(["0.123", "no value"]));
  });

  test("all rows share the decimals of the narrowest interval", () => {
    const { texts } = draw({
      rows: [
        { name: "a", mean: 1, low: 0.5, high: 1.5 },
        { name: "b", mean: 2, low: 1.988, high: 2.012 },
      ],
    });
    expect(texts).toEqual(expect.arrayContaining(["1.000 ± 0.500", "2.000 ± 0.012"]));
  });

  test("a plus stands before positive differences only", () => {
    const rows = [1, 0, -1].map((mean) => ({ name: `row ${mean}`, mean }));
    expect(draw({ rows, signed: true }).texts).toEqual(expect.arrayContaining(["+1.00", "−1.00"]));
    expect(draw({ rows }).texts).not.toContain("+1.00");
  });

  test("shows single values, nulls and the reference, and says what a null is", () => {
    const rows = [{ name: "a", mean: 2, values: [1, 2, 3, Number.NaN], null: 0.5 }];
    const { elements, texts } = draw({ rows, reference: 0 });
    expect(elements.filter((e) => e.attributes["class"]?.startsWith("faint"))).toHaveLength(3);
    // One in the legend, one in the row.
    expect(classed(elements, "null-line")).toHaveLength(2);
    expect(texts).toContain("null: unrelated dictionaries");
    expect(draw({ rows, nullName: "null: shuffled labels" }).texts).toContain(
      "null: shuffled labels",
    );
  });
});

describe("a heat map", () => {
  const heat = (value: (i: number, j: number) => number | undefined, chance?: number) =>
    checkFigure(
      heatMap({
        ...words,
        names: ["a", "b"],
        value,
        label: "MCC",
        ...(chance === undefined ? {} : { null: chance }),
      }),
    );

  test("of nothing says so", () => {
    const { texts } = checkFigure(heatMap({ ...words, names: [], value: () => 1, label: "MCC" }));
    expect(texts).toContain("Nothing to show.");
  });

  test("is quiet at the null, loud at 1, and holds values beyond both", () => {
    const cells = (value: number) => {
      const { elements } = heat((i, j) => (i === j ? 1 : value), 0.2);
      return elements.filter((e) => e.name === "rect")[1]!.attributes["class"];
    };
    expect([-1, 0.2, 0.6, 1, 1.5].map(cells)).toEqual(["h0", "h0", "h4", "h8", "h8"]);
  });

  test("a pair that was not compared is an empty cell, with a dash as its tooltip", () => {
    const { elements } = heat((i, j) => (i < j ? undefined : 0.5));
    const empty = elements.filter((e) => e.attributes["class"] === "rule");
    expect(empty).toHaveLength(1);
    expect(textOf(empty[0]!.children[0] as Element)).toBe("a and b: –");
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

  test("draws a line only where it crosses the plot, and none on a logarithmic axis", () => {
    const line = (intercept: number, xKind: "linear" | "log" = "linear") => {
      const fit = { slope: 0, intercept, correlation: undefined, n: 2 };
      const { elements } = draw({ x: [0.5, 1], y: [0.5, 1], xKind, fit });
      // The legend has one as well.
      return classed(elements, "fit").length - 1;
    };
    expect([line(0.5), line(7), line(0.5, "log")]).toEqual([1, 0, 0]);
  });

  test("a correlation that does not exist is called undefined", () => {
    const fit = { slope: 0, intercept: 0.5, correlation: undefined, n: 2 };
    expect(draw({ x: [0, 1], y: [0.5, 0.5], fit }).texts).toContain("least squares, r = undefined");
  });

  test("equal nulls are named once", () => {
    expect(draw({ x: [0.5], y: [0.5], nullX: 0.2, nullY: 0.2 }).texts).toContain("null 0.200");
  });

  test("marks are smaller the more there are", () => {
    expect([1, 801, 3001].map(markSize)).toEqual([4.5, 3, 2.2]);
  });

  test("the ramp says its range, and one value alone", () => {
    expect(rampLegend("density", rampSteps([0.001, 0.5])!).text).toBe("density, 0.001 to 0.5");
    expect(rampLegend("density", rampSteps([0.01, 0])!).text).toBe("density, 0.01");
    expect(rampSteps([Number.POSITIVE_INFINITY, -1])).toBeUndefined();
    // Of one power of ten everything is in the first step.
    expect(rampSteps([0.5, 0.5])!.step(0.5)).toBe(0);
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
    const marks = elements.filter((e) => e.attributes["class"]?.startsWith("marks"));
    expect(marks.reduce((n, m) => n + m.attributes["d"]!.split("M").length - 1, 0)).toBe(2);
  });

  test("is a sound figure from every side", () => {
    const values = Array.from({ length: 30 }, (_, i) => i / 29);
    for (const azimuth of [0, 45, 90, 120, 200, 300]) checkFigure(cloud(values, azimuth));
    expect(cloud(values)).toBe(cloud(values, 120));
  });
});
