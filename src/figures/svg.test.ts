import { describe, expect, test } from "vitest";
import { coordinate, element, figureSvg, printable, textAt, tooltip } from "./svg.ts";

describe("an element", () => {
  test("leaves out attributes that are undefined, and closes itself without content", () => {
    expect(element("g")).toBe("<g/>");
    expect(element("path", { d: undefined, class: "rule" })).toBe('<path class="rule"/>');
    expect(element("g", {}, ["<a/>", "<b/>"])).toBe("<g><a/><b/></g>");
    expect(element("g", {}, [])).toBe("<g/>");
  });

  test("writes numbers as coordinates, and refuses those that are not", () => {
    expect(element("circle", { cx: 1 / 3, r: 0 })).toBe('<circle cx="0.33" r="0"/>');
    expect(() => element("circle", { cx: Number.POSITIVE_INFINITY })).toThrow(RangeError);
  });

  test("escapes texts in attributes", () => {
    expect(element("g", { class: 'a"b&c' })).toBe('<g class="a&quot;b&amp;c"/>');
  });
});

test.each([
  [0, "0"],
  [-0, "0"],
  [12.3456, "12.35"],
  [-0.004, "0"],
  [-0.006, "-0.01"],
  [1e6, "1000000"],
])("the coordinate %d is %s", (value, text) => {
  expect(coordinate(value)).toBe(text);
});

describe("a line of text", () => {
  test("stands in the middle of its height; the start is the default", () => {
    expect(textAt("a<b", { x: 1, y: 2 })).toBe('<text x="1" y="2" dy="0.36em">a&lt;b</text>');
    expect(textAt("a", { x: 1, y: 2, anchor: "start" })).not.toContain("text-anchor");
    expect(textAt("a", { x: 1, y: 2, anchor: "end" })).toContain('text-anchor="end"');
  });

  test("that reads upwards turns about its own place", () => {
    expect(textAt("a", { x: 1.234, y: 2, upright: true })).toContain(
      'transform="rotate(-90 1.23 2)"',
    );
  });

  test("has a tooltip only when it was shortened", () => {
    expect(textAt("name", { x: 0, y: 0, whole: "name" })).not.toContain("<title>");
    expect(textAt("n…e", { x: 0, y: 0, whole: "<name>" })).toContain("<title>&lt;name&gt;</title>");
  });
});

test("tabs and line breaks are printable, other control characters are not", () => {
  expect(printable("a\tb\nc\u001bd\u2066e\uffff")).toBe("a\tb\nc\ufffdd\ufffde\ufffd");
  expect(tooltip("a\u0007&")).toBe("<title>a\ufffd&amp;</title>");
});

describe("a figure", () => {
  const make = (title: string) => figureSvg(80, { title, description: "d" }, []);

  test("has the same identifiers for the same words, and others for others", () => {
    expect(make("a")).toBe(make("a"));
    const id = (svg: string) => /id="(fig-\w+)-t"/.exec(svg)![1];
    expect(id(make("a"))).not.toBe(id(make("b")));
  });

  test("is labelled by its own title and description", () => {
    const svg = make("a");
    const [, label] = /aria-labelledby="([^"]+)"/.exec(svg)!;
    for (const id of label!.split(" ")) expect(svg).toContain(`id="${id}"`);
  });
});
