import { expect, test } from "vitest";
import { visible, visibleToken } from "./visible.ts";

test.each([
  ["a\nb", "a↵b"],
  ["\t\r", "⇥␍"],
  ["\u0000\u001b[31m", "␀␛[31m"],
  ["\u007f\u0085", "\\u007f\\u0085"],
  ["\u202egnp", "\\u202egnp"],
  ["\u200b\ufeff", "\\u200b\\ufeff"],
  ["<b>&amp;", "<b>&amp;"],
  ["ünï 漢字 🙂", "ünï 漢字 🙂"],
])("%j is shown as %s", (text, shown) => {
  expect(visible(text)).toBe(shown);
});

test.each([
  [" car", "␣car"],
  ["car ", "car␣"],
  ["  ", "␣␣"],
  ["a b", "a b"],
  ["", "∅"],
  ["\n", "↵"],
])("the token %j stands alone as %s", (text, shown) => {
  expect(visibleToken(text)).toBe(shown);
});
