import { describe, expect, test } from "vitest";
import { coordinate, element, identifier, printable, tooltip } from "./svg.ts";

describe("an element", () => {
  test("leaves out attributes that are undefined, and has an end without content", () => {
    expect(element("g")).toBe("<g></g>");
    expect(element("path", { d: undefined, class: "rule" })).toBe('<path class="rule"></path>');
    expect(element("g", {}, ["<a/>", "<b/>"])).toBe("<g><a/><b/></g>");
    expect(element("g", {}, [])).toBe("<g></g>");
  });

  test("writes numbers as coordinates, and refuses those that are not", () => {
    expect(element("circle", { cx: 1 / 3, r: 0 })).toBe('<circle cx="0.33" r="0"></circle>');
    expect(() => element("circle", { cx: Number.POSITIVE_INFINITY })).toThrow(RangeError);
  });

  test("escapes texts in attributes", () => {
    expect(element("g", { class: 'a"b&c' })).toBe('<g class="a&quot;b&amp;c"></g>');
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

test("tabs and line breaks are printable, other control characters are not", () => {
  expect(printable("a\tb\nc\u001bd\u2066e\uffff")).toBe("a\tb\nc\ufffdd\ufffde\ufffd");
  expect(tooltip("a\u0007&")).toBe("<title>a\ufffd&amp;</title>");
});

test("an identifier is the same for the same text, and another for another", () => {
  expect(identifier("a")).toBe(identifier("a"));
  expect(identifier("a")).not.toBe(identifier("b"));
  expect(identifier("a")).toMatch(/^[a-z0-9]+$/);
});
