import { expect, test } from "vitest";
import { showName, showNames } from "./show-name.ts";

test("a name is shown on one line, without what a terminal would obey, and not at any length", () => {
  expect(showName("W_dec")).toBe("W_dec");
  expect(showName("a\nb\u001b[31m")).toBe("a\\u000ab\\u001b[31m");
  expect(showName("x".repeat(1000))).toBe(`${"x".repeat(80)}…`);
});

test("a long name is not cut between the two halves of a character", () => {
  expect(showName(`${"x".repeat(79)}😀y`)).toBe(`${"x".repeat(79)}…`);
  expect(showName(`${"x".repeat(78)}😀y`)).toBe(`${"x".repeat(78)}😀…`);
});

test("of many names the first twenty are shown", () => {
  expect(showNames(["a", "b"])).toBe("a, b");
  const many = Array.from({ length: 25 }, (_, i) => `n${i}`);
  expect(showNames(many)).toBe(`${many.slice(0, 20).join(", ")} and 5 more`);
});
