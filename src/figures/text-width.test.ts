import { expect, test } from "vitest";
import { FONT_SIZE } from "./svg.ts";
import { shortened, textWidth } from "./text-width.ts";

test("a text is as wide as its characters, in proportion to its size", () => {
  expect(textWidth("")).toBe(0);
  expect(textWidth("i")).toBeLessThan(textWidth("a"));
  expect(textWidth("a")).toBeLessThan(textWidth("W"));
  expect(textWidth("ab", 1)).toBeCloseTo(textWidth("a", 1) + textWidth("b", 1), 12);
  expect(textWidth("ab")).toBeCloseTo(FONT_SIZE * textWidth("ab", 1), 12);
});

test("characters of other scripts are wide, and a pair of surrogates is one character", () => {
  expect(textWidth("漢", 1)).toBeGreaterThan(1);
  expect(textWidth("😀", 1)).toBeCloseTo(textWidth("漢", 1), 12);
});

test("a shortened text keeps its ends, the last one longer, and fits", () => {
  const name = "abcdefghijklmnopqrstuvwxyz0123456789";
  for (const width of [30, 60, 120, 200]) {
    const short = shortened(name, width);
    expect(textWidth(short)).toBeLessThanOrEqual(width);
    const [head, tail] = short.split("…") as [string, string];
    expect(name.startsWith(head) && name.endsWith(tail)).toBe(true);
    expect(tail.length - head.length).toBeGreaterThanOrEqual(0);
    expect(tail.length - head.length).toBeLessThanOrEqual(1);
  }
});

test("where there is no room for anything, an ellipsis stands", () => {
  expect(shortened("abcdefgh", 3)).toBe("…");
  expect(shortened("", 0)).toBe("");
});

test("a shortened text never cuts a character in two", () => {
  expect(shortened("😀".repeat(30), 60)).toMatch(/^(?:😀)+…(?:😀)+$/u);
});
