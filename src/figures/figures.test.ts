import { describe, expect, test } from "vitest";
import { checkFigure } from "../../test/support/figure.ts";
import { textOf } from "../../test/support/markup.ts";
import { heatMap } from "./heat-map.ts";
import { binCounts, histogram } from "./histogram.ts";
import { intervalChart } from "./interval-chart.ts";
import { spreadLabels } from "./legend.ts";
import { lineChart } from "./line-chart.ts";
import { columnDecimals, count, fixed, powerOfTen, significant } from "./number-text.ts";
import { FIGURE_CSS, seriesClass, seriesDash } from "./palette.ts";
import { makeScale } from "./scale.ts";
import { MOST_MARKS, rampSteps, scatter } from "./scatter.ts";
import { coordinate, element, escapeText, textAt } from "./svg.ts";
import { shortened, textWidth } from "./text-width.ts";
import { sampledPositions, thinnedCurve } from "./thinning.ts";

const words = { title: "A title", description: "A description" };

describe("numbers as text", () => {
  test.each([
    [0.061384, 4, "0.06138"],
    [186416.355, 4, "186\u202f416"],
    [-0.00931, 2, "−0.0093"],
    [1.2e-7, 3, "1.2×10⁻⁷"],
    [10, 3, "10"],
    [0.1 + 0.2, 4, "0.3"],
    [Number.NaN, 4, "–"],
    [Number.NEGATIVE_INFINITY, 4, "−∞"],
  ])("%d with %d significant digits", (value, digits, text) => {
    expect(significant(value, digits)).toBe(text);
  });

  test("columns share their decimals: those of their smallest value, unless it is a stray", () => {
    expect(columnDecimals([0.0614, 0.502])).toBe(4);
    expect(columnDecimals([0.000012, 0.5, 3])).toBe(4);
    expect(columnDecimals([12800, 25600])).toBe(0);
    expect(columnDecimals([0, Number.NaN, undefined])).toBe(0);
    expect([fixed(0.8884, 3), fixed(-0.0001, 3), fixed(undefined, 3)]).toEqual([
      "0.888",
      "0.000",
      "–",
    ]);
    expect([count(24576), count(1024)]).toEqual(["24\u202f576", "1024"]);
    expect([powerOfTen(-12), powerOfTen(0), powerOfTen(3)]).toEqual(["10⁻¹²", "1", "10³"]);
  });
});

describe("scales", () => {
  test("a linear one has round ticks with the same decimals", () => {
    const scale = makeScale([0.03, 0.97], { range: [0, 100], include: [0, 1], ticks: 5 });
    expect(scale.ticks.map((t) => t.text)).toEqual(["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    expect(scale.at(0.5)).toBeCloseTo(50);
    expect([scale.at(-3), scale.at(7), scale.at(Number.NaN)]).toEqual([0, 100, 0]);
  });

  test("a logarithmic one has powers of ten, or 1, 2, 5 within few decades", () => {
    const wide = makeScale([1e-6, 1], { kind: "log", range: [0, 60], ticks: 6 });
    expect(wide.ticks.map((t) => t.text).slice(0, 2)).toEqual(["10⁻⁶", "10⁻⁵"]);
    expect(wide.at(1e-3)).toBeCloseTo(30);
    const narrow = makeScale([0.04, 0.8], { kind: "log", range: [0, 100], ticks: 5 });
    expect(narrow.ticks.map((t) => t.text)).toEqual(["0.05", "0.1", "0.2", "0.5"]);
    expect(narrow.shows(0)).toBe(false);
  });

  test("large steps are counted in thousands", () => {
    const { ticks } = makeScale([0, 50_000], { range: [0, 1], ticks: 5 });
    expect(ticks.map((t) => t.text)).toEqual(["0", "10k", "20k", "30k", "40k", "50k"]);
  });

  test("nothing, one value and values too large to subtract have a scale too", () => {
    expect(makeScale([], { range: [0, 1] }).domain).toEqual([0, 1]);
    expect(makeScale([3], { range: [0, 1] }).domain).toEqual([1.5, 4.5]);
    expect(makeScale([-1.7e308, 1.7e308], { range: [0, 1] }).at(0)).toBeCloseTo(0.5);
  });
});

describe("text", () => {
  test("is escaped, and what XML forbids becomes �", () => {
    expect(escapeText(`<a href="x">'&'</a>`)).toBe(
      "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;",
    );
    expect(escapeText("a\u0000b\u202ec\ud800d😀")).toBe("a\ufffdb\ufffdc\ufffdd😀");
    expect(element("g", { class: '"><script>' })).toBe('<g class="&quot;&gt;&lt;script&gt;"/>');
  });

  test("that is too long loses its middle, and keeps it as a tooltip", () => {
    const name = "population.architecture=topk.coupling.weight=0.3";
    const short = shortened(name, 120);
    expect(textWidth(short)).toBeLessThanOrEqual(120);
    expect(short).toMatch(/^pop.*….*0\.3$/);
    expect(textAt(short, { x: 0, y: 0, whole: name })).toContain(`<title>${name}</title>`);
    expect(shortened("member-0", 120)).toBe("member-0");
  });

  test("labels move apart as little as they must, or say that there is no room", () => {
    expect(spreadLabels([50, 52, 150], 0, 200)).toEqual([50, 66, 150]);
    expect(spreadLabels([199, 200], 0, 200)).toEqual([184, 200]);
    expect(spreadLabels([1, 1, 1], 0, 20)).toBeUndefined();
  });
});

test("a coordinate that is not a number is a defect, not a pixel", () => {
  expect(coordinate(1 / 3)).toBe("0.33");
  expect(coordinate(-0.001)).toBe("0");
  expect(() => coordinate(Number.NaN)).toThrow("NaN is not a coordinate");
});

test("thinning keeps spikes, order and ends, and is the same every time", () => {
  const points = Array.from({ length: 5000 }, (_, x) => ({ x, y: x === 2345 ? 9 : Math.sin(x) }));
  const thin = thinnedCurve(points, 400);
  expect(thin.length).toBeLessThanOrEqual(400);
  expect(thin).toContainEqual({ x: 2345, y: 9 });
  expect([thin[0]!.x, thin.at(-1)!.x]).toEqual([0, 4999]);
  expect(thin.map((p) => p.x)).toEqual(thin.map((p) => p.x).toSorted((a, b) => a - b));
  const sample = sampledPositions(100_000, 500);
  expect(new Set(sample).size).toBe(500);
  expect(sampledPositions(100_000, 500)).toEqual(sample);
  expect(sampledPositions(3, 500)).toEqual(Int32Array.of(0, 1, 2));
});

test("colours repeat with another dash", () => {
  expect([seriesClass(0, "line"), seriesClass(7, "line")]).toEqual(["s0", "s0"]);
  expect(seriesDash(0)).toBeUndefined();
  expect(seriesDash(7)).not.toBe(seriesDash(14));
  expect(FIGURE_CSS).toContain("prefers-color-scheme:dark");
});

describe("a scatter", () => {
  const n = 20_000;
  const x = Float32Array.from({ length: n }, (_, i) => i / n);

  test("draws a fixed sample of very many marks, says so, and stays small", () => {
    const svg = scatter({ ...words, x, y: x, xLabel: "x", yLabel: "y" });
    const { elements, texts } = checkFigure(svg);
    expect(texts).toContain("6000 of 20\u202f000 latents are drawn; all are counted.");
    const marks = elements.filter((e) => e.attributes["class"]?.startsWith("marks"));
    const drawn = marks.reduce((sum, m) => sum + m.attributes["d"]!.split("M").length - 1, 0);
    expect(drawn).toBe(MOST_MARKS);
    expect(svg.length).toBeLessThan(120_000);
    expect(scatter({ ...words, x, y: x, xLabel: "x", yLabel: "y" })).toBe(svg);
  });

  test("names its nulls and the correlation, and counts what has no place", () => {
    const fit = { slope: 2, intercept: -0.5, correlation: 0.87, n: 3 };
    const { texts } = checkFigure(
      scatter({
        ...words,
        x: [0, 0.5, Number.NaN],
        y: [0.1, 0.6, 1],
        xLabel: "x",
        yLabel: "y",
        fit,
        nullX: 0.3,
        nullY: 0.36,
      }),
    );
    expect(texts).toContain("least squares, r = 0.870");
    expect(texts).toContain("null 0.300 and 0.360");
    expect(texts).toContain("Not drawn, having no place on the axes: 1.");
  });

  test("colours by powers of ten; what is never active takes the first step", () => {
    const steps = rampSteps([0, 1e-6, 1e-3, 1])!;
    expect([0, 1e-6, 1e-3, 1].map(steps.step)).toEqual([0, 0, 3, 5]);
    expect(rampSteps([0, Number.NaN])).toBeUndefined();
  });
});

test("a line chart interrupts a line where there is no value, and names what it cannot show", () => {
  const { elements, texts } = checkFigure(
    lineChart({
      ...words,
      xLabel: "step",
      yLabel: "loss",
      yKind: "log",
      curves: [
        { name: "broken", points: [1, 2, 0, 3, 4].map((y, x) => ({ x, y })) },
        { name: "dead", points: [{ x: 0, y: 0 }] },
      ],
    }),
  );
  expect(elements.filter((e) => e.attributes["class"]?.startsWith("line "))).toHaveLength(2);
  expect(texts).toContain("Nothing to show of dead.");
  expect(texts).toContain("broken");
  expect(texts).toContain("loss (log scale)");
});

test("with many curves their names are a legend", () => {
  const curves = Array.from({ length: 20 }, (_, i) => ({
    name: `member-${i}`,
    points: [0, 1].map((x) => ({ x, y: x + i })),
  }));
  const { texts } = checkFigure(lineChart({ ...words, xLabel: "step", yLabel: "loss", curves }));
  expect(texts.filter((t) => t.startsWith("member-"))).toHaveLength(20);
});

test("a histogram's outline is as high as its counts, and its ticks are powers", () => {
  expect(binCounts([-5, 0, 0.019, 0.02, 1, 2, Number.NaN], 0, 1, 50).slice(0, 2)).toEqual([3, 1]);
  const { texts } = checkFigure(
    histogram({
      ...words,
      start: -6,
      width: 0.1,
      xLabel: "density",
      yLabel: "latents",
      powers: true,
      series: [{ name: "member-0", counts: [0, 0, 0, 4] }],
      null: -5.8,
    }),
  );
  expect(texts).toContain("null −5.800");
  expect(texts).toContain("10⁻⁶");
});

test("a heat map says the number where it fits, the null on its scale, and nothing of a thing with itself", () => {
  const names = ["member-0", "member-1"];
  const value = (i: number, j: number) => (i === j ? 1 : 0.8884);
  const small = checkFigure(heatMap({ ...words, names, value, label: "MCC", null: 0.2986 }));
  expect(small.texts.filter((t) => t === "0.888")).toHaveLength(2);
  expect(small.texts).toContain("null 0.299");
  expect(small.texts).not.toContain("1.000");
  const many = Array.from({ length: 20 }, (_, i) => `member-${i}`);
  const large = heatMap({ ...words, names: many, value, label: "MCC" });
  const { elements, texts } = checkFigure(large);
  expect(texts).toContain("The numbers are in the table.");
  const [first] = elements.filter((e) => e.name === "rect" && e.children.length > 0);
  expect(textOf(first!.children[0] as never)).toBe("member-0 and member-0: 1.000");
});

test("intervals are written with two digits, and the mean with as many decimals", () => {
  const { texts } = checkFigure(
    intervalChart({
      ...words,
      label: "difference",
      reference: 0,
      signed: true,
      rows: [
        { name: "weight 3", mean: 0.04615, low: 0.0251, high: 0.0672 },
        { name: "weight 9", mean: undefined },
      ],
    }),
  );
  expect(texts).toContain("+0.046 ± 0.021");
  expect(texts).toContain("no value");
});
