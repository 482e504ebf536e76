import { describe, expect, test } from "vitest";
import { allElements, parseMarkup, textOf } from "../../test/support/markup.ts";
import { type LegendItem, legend, spreadLabels } from "./legend.ts";
import { RAMP_STEPS } from "./palette.ts";
import { FIGURE_WIDTH } from "./svg.ts";
import { textWidth } from "./text-width.ts";

const drawn = (items: LegendItem[], top = 0) => allElements(parseMarkup(legend(items, top).markup));
const texts = (items: LegendItem[], top = 0) => drawn(items, top).filter((e) => e.name === "text");

describe("a legend", () => {
  test("of nothing takes no room", () => {
    expect(legend([])).toEqual({ markup: "", height: 0 });
  });

  test("fills rows from left to right, and the next one when a name does not fit", () => {
    const items = Array.from({ length: 9 }, (_, i) => ({
      text: `a longer name ${i}`,
      mark: { series: i, as: "line" as const },
    }));
    const places = texts(items).map(({ attributes: { x, y } }) => [Number(x), Number(y)] as const);
    const rows = new Set(places.map(([, y]) => y));
    expect(rows.size).toBeGreaterThan(1);
    expect(legend(items).height).toBe(19 * rows.size);
    for (const [i, [x]] of places.entries())
      expect(x + textWidth(items[i]!.text)).toBeLessThanOrEqual(FIGURE_WIDTH);
    // Every row begins at the left edge, after its mark.
    for (const y of rows) expect(places.find((p) => p[1] === y)![0]).toBe(22);
  });

  test("begins where it is told to", () => {
    expect(texts([{ text: "a", mark: "none" }], 100)[0]!.attributes["y"]).toBe("109.5");
  });

  test("shortens a name that is wider than the figure, and keeps it whole as a tooltip", () => {
    const name = "population.architecture ".repeat(8);
    const [text] = texts([{ text: name, mark: "fit" }]);
    expect(textOf(text!)).toContain("…");
    expect(allElements(text!).map((e) => e.children)).toEqual([[name]]);
  });

  test("draws each mark as the figure draws it", () => {
    const classes = (mark: LegendItem["mark"]) =>
      drawn([{ text: "a", mark }])
        .filter((e) => e.name !== "text")
        .map((e) => [e.name, e.attributes["class"]]);
    expect(classes("none")).toEqual([]);
    expect(classes("null")).toEqual([["path", "null-line"]]);
    expect(classes("fit")).toEqual([["path", "fit"]]);
    expect(classes({ series: 2, as: "fill" })).toEqual([["rect", "f2"]]);
    expect(classes({ series: 8, as: "line" })).toEqual([["path", "line s1"]]);
    expect(classes("ramp")).toHaveLength(RAMP_STEPS);
  });

  test("series of one colour differ in their dashes", () => {
    const dash = (series: number) =>
      drawn([{ text: "a", mark: { series, as: "line" } }])[0]!.attributes["stroke-dasharray"];
    expect(dash(0)).toBeUndefined();
    expect(new Set([dash(0), dash(7), dash(14)]).size).toBe(3);
  });
});

describe("labels next to lines", () => {
  test("that do not touch stay where they want to be, in any order", () => {
    expect(spreadLabels([150, 50, 100], 0, 200)).toEqual([150, 50, 100]);
    expect(spreadLabels([], 0, 10)).toEqual([]);
  });

  test("keep the order of their lines, the first of two equal ones above", () => {
    expect(spreadLabels([100, 100], 0, 200)).toEqual([100, 116]);
    expect(spreadLabels([105, 100], 0, 200)).toEqual([116, 100]);
  });

  test("stay between top and bottom, 16 apart", () => {
    for (const wanted of [
      [0, 1, 2, 3],
      [80, 79, 78, 90],
      [-50, 500, 40, 41],
    ]) {
      const places = spreadLabels(wanted, 10, 90)!.toSorted((a, b) => a - b);
      expect(places[0]).toBeGreaterThanOrEqual(10);
      expect(places.at(-1)).toBeLessThanOrEqual(90);
      for (let i = 1; i < places.length; i++)
        expect(places[i]! - places[i - 1]!).toBeGreaterThanOrEqual(16);
    }
  });
});
