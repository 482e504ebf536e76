import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { insideMarks } from "../../../test/support/figure.ts";
import { allElements, parseMarkup } from "../../../test/support/markup.ts";
import { drawFigure } from "./draw.ts";
import { lineChart } from "./line-chart.ts";
import { inset, markup } from "./own-marks.ts";
import { renderFigure } from "./render.ts";
import { PIXELS, type Specification } from "./specification.ts";

const chart = (title: string) =>
  lineChart({
    title,
    description: "One line.",
    curves: [{ name: "a", points: [1, 1 / 3].map((y, x) => ({ x, y })) }],
    xLabel: "x",
    yLabel: "y",
  });

describe("a rendered figure", () => {
  test("has the same bytes, whatever was drawn before", () => {
    const first = renderFigure(chart("a"));
    renderFigure(chart("another"));
    expect(renderFigure(chart("a"))).toBe(first);
  });

  test("is one picture with a title and a description, which its own identifiers name", () => {
    const [svg, title, description] = allElements(parseMarkup(renderFigure(chart("a<b"))));
    expect(svg!.attributes["role"]).toBe("img");
    expect(svg!.attributes["aria-labelledby"]).toBe(
      `${title!.attributes["id"]} ${description!.attributes["id"]}`,
    );
    expect([title!.children, description!.children]).toEqual([["a<b"], ["One line."]]);
    const id = (title: string) => /id="(fig-\w+)-t"/.exec(renderFigure(chart(title)))![1];
    expect(id("a")).not.toBe(id("b"));
  });

  test("has no style sheet, label of a mark or size of its own", () => {
    const svg = renderFigure(chart("a"));
    expect(svg).not.toMatch(/<style|aria-label="|plot-clip/);
    expect(/^<svg [^>]*>/.exec(svg)![0]).not.toMatch(/ (width|height)=/);
    expect(svg).toContain('viewBox="0 0 400 ');
    expect(renderFigure(chart("a"), 600)).toContain('viewBox="0 0 600 ');
  });

  test("has two decimals at most, and no character that XML forbids", () => {
    const svg = renderFigure(chart("a\u0000\u202e"));
    expect(svg).not.toMatch(/="[^"]*\d\.\d{3}/);
    expect(svg).toContain("a\ufffd\ufffd</title>");
  });
});

test("in another document the same is drawn, at the width of the page", async () => {
  const plot = await import("@observablehq/plot");
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = drawFigure(plot, chart("a"), document, 640);
  expect(svg.getAttribute("viewBox")).toMatch(/^0 0 640 /);
  expect(svg.querySelectorAll("[data-mark=line] path")).toHaveLength(1);
});

test("a figure of one's own may consist of markup and of plots", () => {
  const whole: Specification = {
    title: "t",
    description: "d",
    options: (plot, width) => ({
      width,
      height: 100,
      x: PIXELS,
      y: PIXELS,
      marks: [
        markup('<circle cx="5" cy="6" r="7"></circle><path d="M1 2L3 4"></path>'),
        inset(plot, chart("part").options(plot, 200), { x: 20, y: 30 }),
      ],
    }),
  };
  const elements = allElements(parseMarkup(renderFigure(whole)));
  const part = elements.find((e) => e.attributes["transform"] === "translate(20,30)")!;
  expect(insideMarks(allElements(part), "line")).toHaveLength(1);
  // Neither is inside the other.
  expect(elements.find((e) => e.name === "circle")!.children).toEqual([]);
  expect(renderFigure(whole)).not.toContain("<style");
});
