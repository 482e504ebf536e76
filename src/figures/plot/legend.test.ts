import { describe, expect, test } from "vitest";
import { drawMarks, insideMarks } from "../../../test/support/figure.ts";
import { textOf } from "../../../test/support/markup.ts";
import { RAMP_STEPS } from "../palette.ts";
import { FIGURE_WIDTH } from "../svg.ts";
import { textWidth } from "../text-width.ts";
import { type LegendItem, legend } from "./legend.ts";
import { FIT_LINE, NULL_LINE, seriesLine } from "./styles.ts";
import { spreadLabels } from "./texts.ts";

const drawn = (items: LegendItem[], top = 0) =>
  drawMarks((plot) => legend(items, FIGURE_WIDTH, top).marks(plot));
const texts = (items: LegendItem[], top = 0) => insideMarks(drawn(items, top), "text");
const place = (transform: string | undefined) => transform!.match(/[\d.]+/g)!.map(Number);

describe("a legend", () => {
  test("of nothing takes no room", () => {
    expect(legend([], FIGURE_WIDTH).height).toBe(0);
    expect(texts([])).toEqual([]);
  });

  test("fills rows from left to right, and the next one when a name does not fit", () => {
    const items = Array.from({ length: 9 }, (_, i) => ({
      text: `a longer name ${i}`,
      mark: seriesLine(i),
    }));
    const places = texts(items).map(({ attributes }) => place(attributes["transform"]));
    const rows = new Set(places.map(([, y]) => y));
    expect(rows.size).toBeGreaterThan(1);
    expect(legend(items, FIGURE_WIDTH).height).toBe(19 * rows.size);
    for (const [i, [x]] of places.entries())
      expect(x! + textWidth(items[i]!.text)).toBeLessThanOrEqual(FIGURE_WIDTH);
    // Every row begins at the left edge, after its mark.
    for (const y of rows) expect(places.find((p) => p[1] === y)![0]).toBe(22);
  });

  test("begins where it is told to", () => {
    const [text] = texts([{ text: "a", mark: NULL_LINE }], 100);
    expect(place(text!.attributes["transform"])).toEqual([22, 109.5]);
  });

  test("shortens a name that is wider than the figure, and keeps it whole as a tooltip", () => {
    const name = "population.architecture ".repeat(8).trim();
    const [text] = texts([{ text: name, mark: FIT_LINE }]);
    expect(text!.children[0]).toContain("…");
    expect(textOf(text!.children[1] as never)).toBe(name);
  });

  test("draws each mark as the figure draws it", () => {
    const look = (mark: LegendItem["mark"]) => {
      const elements = drawn([{ text: "a", mark }]);
      const line = elements.find((e) => e.attributes["data-mark"] === "link");
      const fills = insideMarks(elements, "rect").map((e) => e.attributes["fill"]);
      return line ? [line.attributes["stroke"], line.attributes["stroke-dasharray"]] : fills;
    };
    expect(look(NULL_LINE)).toEqual(["var(--fig-null)", "1.5 3"]);
    expect(look(FIT_LINE)).toEqual(["var(--fig-ink)", "6 4"]);
    expect(look({ fill: 2 })).toEqual(["var(--fig-c2)"]);
    expect(look(seriesLine(1))).toEqual(["var(--fig-c1)", undefined]);
    expect(look(seriesLine(8))).toEqual(["var(--fig-c1)", "5 3"]);
    expect(look("ramp")).toHaveLength(RAMP_STEPS);
  });
});

describe("labels next to lines", () => {
  test("that do not touch stay where they want to be, in any order", () => {
    expect(spreadLabels([150, 50, 100], 0, 200)).toEqual([150, 50, 100]);
    expect(spreadLabels([], 0, 10)).toEqual([]);
  });

  test("move apart as little as they must, or say that there is no room", () => {
    expect(spreadLabels([50, 52, 150], 0, 200)).toEqual([50, 66, 150]);
    expect(spreadLabels([199, 200], 0, 200)).toEqual([184, 200]);
    expect(spreadLabels([1, 1, 1], 0, 20)).toBeUndefined();
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
